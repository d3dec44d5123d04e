package dev.sluice.tool.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class ControlTopicTest {

  /** A connection may break after the command, and the login of the next one be refused. */
  @Test
  void onlyARefusedRightSaysThatNothingWasWritten() {
    assertThat(ControlTopic.refused("b:1", "x", new TopicAuthorizationException("no")))
        .endsWith("refuse the command with id (x), and it was not written");
    assertThat(ControlTopic.refused("b:1", "x", new SaslAuthenticationException("no")))
        .contains("refuse the login", "may have been written before", "sent again with --id x")
        .doesNotContain("not written");
  }
}

package dev.sluice.ops.replay;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayPolicyTest {

  private final ReplayPolicy policy =
      new ReplayPolicy(
          new Properties(), "deferred", Set.of("a", "b"), null, false, 1, Duration.ofSeconds(1));

  @Test
  void theJobsOwnTopicsMayBeWrittenTo() {
    assertThatCode(() -> policy.refuseOtherTopics(Set.of("a"))).doesNotThrowAnyException();
    assertThatCode(() -> policy.refuseOtherTopics(Set.of("b", "a"))).doesNotThrowAnyException();
  }

  @Test
  void noOtherTopicIsWrittenToWhateverAHeaderNames() {
    assertThatThrownBy(() -> policy.refuseOtherTopics(Set.of("a", "payments", "control")))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            "records of deferred name [control, payments]",
            "the job reads [a, b]",
            "none was replayed",
            "--events");
  }
}

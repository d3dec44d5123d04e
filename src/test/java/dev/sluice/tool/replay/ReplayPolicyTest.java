package dev.sluice.tool.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Origin;
import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
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
    assertThat(policy.isOfTheJob(new Origin("a", 0, 1))).isTrue();
    assertThat(policy.isOfTheJob(new Origin("payments", 0, 1))).isFalse();
  }

  @Test
  void whatHeadersNameFitsATerminal() {
    assertThat(policy.nameOf(new Origin("payments", 0, 1), Set.of())).isEqualTo("payments");
    assertThat(policy.nameOf(new Origin("\u001b[2Jpayments", 0, 1), Set.of()))
        .isEqualTo("(no topic's name)");
    Set<String> messages = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      messages.add(policy.nameOf(new Origin("topic-" + i, 0, 1), messages));
    }
    assertThat(messages).hasSize(21).contains("topic-0", "(others)");
    assertThat(policy.nameOf(new Origin("a", 0, 1), messages)).isEqualTo("a");
  }

  @Test
  void someRecordsOfOtherTopicsBlockNothing() {
    assertThatCode(() -> policy.refuseOtherTopics(Set.of("a", "payments")))
        .doesNotThrowAnyException();
    assertThatCode(() -> policy.refuseOtherTopics(Set.of())).doesNotThrowAnyException();
  }

  @Test
  void namesOfOtherTopicsAloneSayThatTheJobsOwnAreMissing() {
    assertThatThrownBy(() -> policy.refuseOtherTopics(Set.of("payments", "control")))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            "all records of deferred name [control, payments]",
            "the job reads [a, b]",
            "none was replayed",
            "--events");
  }
}

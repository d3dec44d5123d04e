package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GuardStatusTest {

  private final GuardParts parts = new GuardParts();
  private final GuardStatus status =
      new GuardStatus(parts.job.policy(), parts.guard, parts.poll, parts.rehearsals, parts.clock);

  @Test
  void theGuardIsAliveThoughTheJobManagerIsSilent() throws Exception {
    parts.job.seen = ObservedJob.unanswered(parts.clock.instant(), "no answer");
    parts.poll.look();
    parts.clock.pass(Duration.ofSeconds(61));
    parts.poll.look();
    assertThat(status.sickness()).isNull();
    assertThat(status.unreadiness()).isNotNull();
  }
}

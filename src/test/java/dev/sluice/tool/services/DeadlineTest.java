package dev.sluice.tool.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.time.Deadline;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final HandSetClock clock = new HandSetClock();

  @Test
  void itIsOverOnceItsTimeHasPassed() throws Exception {
    Deadline deadline = clock.time().after(SECOND.multipliedBy(2));
    clock.time().sleep(SECOND);
    assertThat(deadline.isOver()).isFalse();
    assertThat(deadline.remaining()).isEqualTo(SECOND);
    clock.pass(SECOND);
    assertThat(deadline.isOver()).isTrue();
    clock.pass(SECOND);
    assertThat(deadline.remaining()).isZero();
    assertThat(clock.time().after(Duration.ZERO).isOver()).as("of no time").isTrue();
  }

  @Test
  void itIsMovedOnlyToLater() {
    Deadline deadline = clock.time().after(SECOND);
    assertThat(deadline.plus(SECOND).remaining()).isEqualTo(SECOND.multipliedBy(2));
    assertThat(deadline.leaving(SECOND.dividedBy(2))).isEqualTo(deadline);
    assertThat(deadline.leaving(SECOND.multipliedBy(3)).remaining())
        .isEqualTo(SECOND.multipliedBy(3));
  }
}

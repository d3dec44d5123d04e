package dev.sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A transaction lasts 15 minutes here, a checkpoint 5 at most, and the margin is one. */
class TransactionDeadlineTest {

  private static final TransactionDeadline.Limits LIMITS =
      new TransactionDeadline.Limits(Duration.ofMinutes(15), Duration.ofMinutes(5));

  private final HandSet clock = new HandSet();
  private final TransactionDeadline deadline = deadline(true);

  @Test
  void theMarginIsATenthAndAMinuteAtMost() {
    assertThat(LIMITS.margin()).isEqualTo(Duration.ofMinutes(1));
    assertThat(
            new TransactionDeadline.Limits(Duration.ofSeconds(20), Duration.ofSeconds(5)).margin())
        .isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void aSnapshotThatMayOutliveItsTransactionFails() {
    deadline.answered();
    clock.pass(Duration.ofMinutes(9).minusMillis(1));
    assertThatCode(() -> snapshot(1)).doesNotThrowAnyException();
    clock.pass(Duration.ofMillis(1));
    assertThatThrownBy(() -> snapshot(2))
        .isInstanceOf(TransactionDeadlineException.class)
        .hasMessageContaining("snapshot 2 would outlive")
        .hasMessageContaining("snapshot 1 is 540000 ms old")
        .hasMessageContaining("sluice.sink.transaction-timeout = 900000 ms");
  }

  @Test
  void anIntervalCountsFromItsFirstAnswer() {
    clock.pass(Duration.ofHours(1));
    deadline.answered();
    clock.pass(Duration.ofMinutes(8));
    deadline.answered();
    assertThatCode(() -> snapshot(1)).doesNotThrowAnyException();
    clock.pass(Duration.ofMinutes(2));
    assertThatThrownBy(() -> snapshot(2)).hasMessageContaining("600000 ms old");
  }

  @Test
  void whatIsSettledCountsNoLonger() {
    deadline.answered();
    snapshot(1);
    deadline.answered();
    clock.pass(Duration.ofMinutes(8));
    snapshot(2);
    deadline.settled(1);
    clock.pass(Duration.ofMinutes(8));
    assertThatThrownBy(() -> snapshot(3)).hasMessageContaining("transaction of snapshot 2 is");
    deadline.settled(2);
    assertThatCode(() -> snapshot(4)).doesNotThrowAnyException();
  }

  /** Its notification was lost, or it was an intermediate savepoint, of which none comes. */
  @Test
  void aLaterNotificationSettlesWhatIsBefore() {
    deadline.answered();
    snapshot(1);
    deadline.answered();
    snapshot(2);
    deadline.settled(2);
    clock.pass(Duration.ofHours(1));
    assertThatCode(() -> snapshot(3)).doesNotThrowAnyException();
  }

  @Test
  void aSnapshotThatWasTriggeredLongAgoMayTakeLessThanItsTimeout() {
    deadline.answered();
    clock.pass(Duration.ofMinutes(8));
    long triggered = clock.absolute;
    clock.pass(Duration.ofMinutes(4));
    assertThatCode(() -> deadline.snapshot(1, triggered)).doesNotThrowAnyException();
    assertThatThrownBy(() -> snapshot(2)).hasMessageContaining("may take 300000 ms more");
  }

  /** The JobManager's clock is ahead, or far behind. */
  @Test
  void aSnapshotTakesBetweenNothingAndItsTimeout() {
    deadline.answered();
    clock.pass(Duration.ofMinutes(10));
    long now = clock.absolute;
    assertThatThrownBy(() -> deadline.snapshot(1, now + 3_600_000))
        .hasMessageContaining("may take 300000 ms more");
    assertThatCode(() -> deadline.snapshot(2, now - 3_600_000)).doesNotThrowAnyException();
  }

  @Test
  void theFasterClockCounts() {
    deadline.answered();
    clock.absolute += 540_000; // the machine was suspended
    assertThatThrownBy(() -> snapshot(1)).hasMessageContaining("540000 ms old");
    clock.absolute -= 3_600_000; // it was set back
    clock.relative += 600_000;
    assertThatThrownBy(() -> snapshot(2)).hasMessageContaining("600000 ms old");
  }

  @Test
  void nothingOpenIsNeverTooOld() {
    clock.pass(Duration.ofDays(1));
    assertThatCode(() -> snapshot(1)).doesNotThrowAnyException();
  }

  @Test
  void withoutTransactionsOrFenceNothingIsJudged() {
    TransactionDeadline off = deadline(false);
    off.answered();
    clock.pass(Duration.ofDays(1));
    assertThatCode(() -> off.snapshot(1, clock.absolute)).doesNotThrowAnyException();
  }

  private TransactionDeadline deadline(boolean watching) {
    return new TransactionDeadline(LIMITS, watching, () -> clock.absolute, () -> clock.relative);
  }

  private void snapshot(long checkpointId) {
    deadline.snapshot(checkpointId, clock.absolute);
  }

  private static final class HandSet {

    private long absolute = 1_000_000;
    private long relative;

    void pass(Duration time) {
      absolute += time.toMillis();
      relative += time.toMillis();
    }
  }
}

package dev.sluice.tool.guard;

import static dev.sluice.tool.guard.HeldStop.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.stop.StopOutcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GuardMetricsTest {

  private static final double NOON_SECONDS = NOON.getEpochSecond();

  private final GuardMetrics metrics =
      new GuardMetrics(Clock.fixed(NOON.plusSeconds(90), ZoneOffset.UTC), Duration.ofSeconds(60));
  private final AtomicReference<@Nullable StopProgress> stop = new AtomicReference<>();

  @BeforeEach
  void watch() {
    metrics.watch(() -> null, stop::get);
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void beforeTheFirstStopItsTimesAreNotKnown() {
    assertThat(value("sluice_stop_in_progress")).isZero();
    assertThat(value("sluice_stop_elapsed_seconds")).isNaN();
    assertThat(value("sluice_stop_start_timestamp_seconds")).isNaN();
    assertThat(value("sluice_stop_end_timestamp_seconds")).isNaN();
    assertThat(value("sluice_stop_receipt_timestamp_seconds")).isNaN();
  }

  @Test
  void aStopThatGoesOnIsTimedFromItsBeginningAndNotAfterItsEnd() {
    StopProgress begun = new StopProgress("SIGTERM", NOON);
    stop.set(begun);
    assertThat(value("sluice_stop_in_progress")).isEqualTo(1);
    assertThat(value("sluice_stop_elapsed_seconds")).isEqualTo(90);
    assertThat(value("sluice_stop_start_timestamp_seconds")).isEqualTo(NOON_SECONDS);
    StopEnd end = StopEnd.of(NOON.plusSeconds(4), HeldStop.proved());
    metrics.ended(end);
    begun.ended(end);
    assertThat(value("sluice_stop_in_progress")).isZero();
    assertThat(value("sluice_stop_elapsed_seconds")).isNaN();
    assertThat(value("sluice_stop_end_timestamp_seconds")).isEqualTo(NOON_SECONDS + 4);
  }

  @Test
  void aStopWithoutAReceiptLeavesTheTimeOfTheLastOne() {
    metrics.ended(StopEnd.of(NOON, HeldStop.proved()));
    metrics.ended(StopEnd.of(NOON.plusSeconds(9), new StopOutcome.TimedOut("late")));
    assertThat(value("sluice_stop_receipt_timestamp_seconds")).isEqualTo(NOON_SECONDS);
    assertThat(value("sluice_stop_end_timestamp_seconds")).isEqualTo(NOON_SECONDS + 9);
  }

  @Test
  void aJobIsExpectedFromItsFirstSightUntilAStopTakesItAwayAndAgainWhenItIsBack() {
    assertThat(value("sluice_guard_job_expected")).as("never seen").isZero();
    metrics.seen(sight(0, "RUNNING"));
    metrics.seen(sight(1, "FAILED"));
    assertThat(value("sluice_guard_job_expected")).as("failed by itself").isEqualTo(1);
    metrics.ended(StopEnd.of(NOON.plusSeconds(2), new StopOutcome.TimedOut("late")));
    assertThat(value("sluice_guard_job_expected")).as("a stop that timed out").isEqualTo(1);
    metrics.ended(StopEnd.of(NOON.plusSeconds(4), HeldStop.proved()));
    metrics.seen(sight(5, "FINISHED"));
    assertThat(value("sluice_guard_job_expected")).as("stopped").isZero();
    metrics.seen(sight(60, "RUNNING"));
    assertThat(value("sluice_guard_job_expected")).as("resumed").isEqualTo(1);
  }

  @Test
  void whatIsNotKnownOfTheOutputIsNoFigure() {
    AtomicReference<@Nullable OutputSight> output = new AtomicReference<>();
    metrics.watchOutput(output::get);
    assertThat(value("sluice_guard_open_transactions")).isNaN();
    assertThat(value("sluice_guard_output_held_back_seconds")).isNaN();
    output.set(new OutputSight(2, NOON, 17, NOON.plusSeconds(20), NOON.plusSeconds(90)));
    assertThat(value("sluice_guard_open_transactions")).isEqualTo(2);
    assertThat(value("sluice_guard_oldest_transaction_age_seconds")).isEqualTo(90);
    assertThat(value("sluice_guard_output_held_back_records")).isEqualTo(17);
    assertThat(value("sluice_guard_output_held_back_seconds")).isEqualTo(70);
  }

  private static ObservedJob sight(long seconds, String state) {
    Instant at = NOON.plusSeconds(seconds);
    return new ObservedJob(at, true, "j1", state, null, null, null, null, null, null);
  }

  private double value(String name) {
    return metrics
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }
}

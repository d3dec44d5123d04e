package dev.sluice.tool.guard;

import static dev.sluice.tool.guard.HeldStop.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.stop.OutputState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardMetricsTest {

  private static final double NOON_SECONDS = NOON.getEpochSecond();

  private final GuardParts parts = new GuardParts();

  @AfterEach
  void close() {
    parts.close();
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
    parts.guard.begin("SIGTERM");
    parts.clock.pass(Duration.ofSeconds(90));
    assertThat(value("sluice_stop_in_progress")).isEqualTo(1);
    assertThat(value("sluice_stop_elapsed_seconds")).isEqualTo(90);
    assertThat(value("sluice_stop_start_timestamp_seconds")).isEqualTo(NOON_SECONDS);
    parts.job.stop.endsWith(HeldStop.proved());
    assertThat(value("sluice_stop_in_progress")).isZero();
    assertThat(value("sluice_stop_elapsed_seconds")).isNaN();
    assertThat(value("sluice_stop_end_timestamp_seconds")).isEqualTo(NOON_SECONDS + 90);
  }

  @Test
  void aStopWithoutAReceiptLeavesTheTimeOfTheLastOne() {
    stop(HeldStop.proved());
    parts.clock.pass(Duration.ofSeconds(9));
    stop(StopResult.of(StopResult.Kind.TIMED_OUT, "late"));
    assertThat(value("sluice_stop_receipt_timestamp_seconds")).isEqualTo(NOON_SECONDS);
    assertThat(value("sluice_stop_end_timestamp_seconds")).isEqualTo(NOON_SECONDS + 9);
  }

  @Test
  void aJobIsExpectedUntilAStopTakesItAwayAndWhenItIsBack() throws Exception {
    assertThat(value("sluice_guard_job_expected")).as("never seen").isZero();
    see(0, "RUNNING");
    see(1, "FAILED");
    assertThat(value("sluice_guard_job_expected")).as("failed by itself").isEqualTo(1);
    stop(StopResult.of(StopResult.Kind.TIMED_OUT, "late"));
    assertThat(value("sluice_guard_job_expected")).as("a stop that timed out").isEqualTo(1);
    stop(HeldStop.proved());
    see(5, "FINISHED");
    assertThat(value("sluice_guard_job_expected")).as("stopped").isZero();
    see(60, "RUNNING");
    assertThat(value("sluice_guard_job_expected")).as("resumed").isEqualTo(1);
  }

  private void stop(StopResult outcome) {
    parts.guard.begin("SIGTERM");
    parts.job.stop.endsWith(outcome);
  }

  private void see(long seconds, String state) throws InterruptedException {
    parts.clock.pass(Duration.ofSeconds(seconds));
    parts.job.seen = ObservedJob.of(parts.clock.instant(), "j1", state, null);
    parts.poll.look();
  }

  @Test
  void whatIsNotKnownOfTheOutputIsNoFigure() throws Exception {
    assertThat(value("sluice_guard_open_transactions")).isNaN();
    assertThat(value("sluice_guard_output_held_back_seconds")).isNaN();
    parts.job.output =
        new OutputState(
            List.of(NOON, NOON.plusSeconds(1)),
            new TreeMap<>(Map.of("left/0", new OutputState.HeldBack(5, 17))));
    parts.clock.pass(Duration.ofSeconds(20));
    parts.output.look(null);
    parts.clock.pass(Duration.ofSeconds(70));
    parts.output.look(null);
    assertThat(value("sluice_guard_open_transactions")).isEqualTo(2);
    assertThat(value("sluice_guard_oldest_transaction_age_seconds")).isEqualTo(90);
    assertThat(value("sluice_guard_output_held_back_records")).isEqualTo(17);
    assertThat(value("sluice_guard_output_held_back_seconds")).isEqualTo(70);
  }

  private double value(String name) {
    return parts
        .metrics
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }
}

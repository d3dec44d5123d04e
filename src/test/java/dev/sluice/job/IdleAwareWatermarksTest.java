package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkOutputMultiplexer;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdleAwareWatermarksTest {

  private static final Duration QUIET = Duration.ofSeconds(10);

  private final ManualClock clock = new ManualClock();
  private final IdleAwareWatermarks<String> watermarks = new IdleAwareWatermarks<>(clock, QUIET);
  private final Recorded recorded = new Recorded();

  @Test
  void aPartitionWithoutRecordsHoldsNobodyUp() {
    watermarks.onPeriodicEmit(recorded);
    assertThat(recorded.idle).isFalse();

    clock.advanceTime(Duration.ofSeconds(11));
    watermarks.onPeriodicEmit(recorded);
    assertThat(recorded.idle).isTrue();
    assertThat(recorded.watermark).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void timeFollowsTheLatestTimestamp() {
    watermarks.onEvent("a", 5_000, recorded);
    watermarks.onEvent("b", 4_000, recorded);
    watermarks.onPeriodicEmit(recorded);

    assertThat(recorded.watermark).isEqualTo(4_999);
  }

  @Test
  void aQuietPartitionIsIdleUntilItsNextRecord() {
    watermarks.onEvent("a", 5_000, recorded);
    clock.advanceTime(QUIET);
    watermarks.onPeriodicEmit(recorded);
    assertThat(recorded.idle).as("a short stall").isFalse();

    clock.advanceTime(Duration.ofMillis(1));
    watermarks.onPeriodicEmit(recorded);
    watermarks.onPeriodicEmit(recorded);
    assertThat(recorded.idle).isTrue();
    assertThat(recorded.watermark).isEqualTo(4_999);

    watermarks.onEvent("b", 5_001, recorded);
    watermarks.onPeriodicEmit(recorded);
    assertThat(recorded.idle).isFalse();
    assertThat(recorded.watermark).isEqualTo(5_000);
  }

  /** Nothing was emitted since the record: its time must not be lost. */
  @Test
  void theLastTimestampIsToldBeforeThePartitionIsIdle() {
    watermarks.onEvent("a", 5_000, recorded);
    clock.advanceTime(Duration.ofMinutes(1));
    watermarks.onPeriodicEmit(recorded);

    assertThat(recorded.watermark).isEqualTo(4_999);
    assertThat(recorded.idle).isTrue();
  }

  /** Several partitions in one task, with Flink's own combination of their times. */
  @Test
  void aQuietPartitionWithOldRecordsHoldsNoOtherOneBack() {
    WatermarkOutputMultiplexer task = new WatermarkOutputMultiplexer(recorded);
    task.registerNewOutput("old");
    task.registerNewOutput("live");
    IdleAwareWatermarks<String> live = new IdleAwareWatermarks<>(clock, QUIET);
    watermarks.onEvent("a", 1_000, recorded);
    for (int second = 1; second <= 20; second++) {
      clock.advanceTime(Duration.ofSeconds(1));
      live.onEvent("b", 1_000_000 + second * 1_000, recorded);
      watermarks.onPeriodicEmit(task.getDeferredOutput("old"));
      live.onPeriodicEmit(task.getDeferredOutput("live"));
      task.onPeriodicEmit();
      assertThat(recorded.watermark).isEqualTo(second <= 10 ? 999 : 999_999 + second * 1_000);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775807, 9223372036854775806",
    "-9223372036854775808, -9223372036854775808",
    "-1, -2"
  })
  void noTimestampIsTooEarlyOrTooLate(long timestampMs, long watermark) {
    watermarks.onEvent("a", timestampMs, recorded);
    watermarks.onPeriodicEmit(recorded);
    clock.advanceTime(Duration.ofDays(1));
    watermarks.onPeriodicEmit(recorded);

    assertThat(recorded.watermark).isEqualTo(watermark);
  }

  @Test
  void longTimeoutsAreMorePatientThanShortOnes() {
    assertThat(IdleAwareWatermarks.quietFor(Duration.ofDays(7))).isEqualTo(Duration.ofMinutes(10));
    assertThat(IdleAwareWatermarks.quietFor(Duration.ofMinutes(16)))
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(IdleAwareWatermarks.quietFor(Duration.ofSeconds(5)))
        .isEqualTo(Duration.ofSeconds(10));
  }

  private static final class Recorded implements WatermarkOutput {
    private long watermark = Long.MIN_VALUE;
    private boolean idle;

    @Override
    public void emitWatermark(Watermark watermark) {
      this.watermark = watermark.getTimestamp();
      idle = false;
    }

    @Override
    public void markIdle() {
      idle = true;
    }

    @Override
    public void markActive() {
      idle = false;
    }
  }
}

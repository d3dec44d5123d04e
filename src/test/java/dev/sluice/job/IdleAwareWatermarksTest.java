package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.Test;

class IdleAwareWatermarksTest {

  private final ManualClock clock = new ManualClock();
  private final IdleAwareWatermarks<String> watermarks = new IdleAwareWatermarks<>(clock);
  private final Recorded recorded = new Recorded();

  @Test
  void aPartitionWithoutRecordsHoldsNobodyUp() {
    watermarks.onPeriodicEmit(recorded);
    assertThat(recorded.idle).isFalse();

    clock.advanceTime(Duration.ofSeconds(2));
    watermarks.onPeriodicEmit(recorded);
    assertThat(recorded.idle).isTrue();
  }

  @Test
  void timeFollowsTheLatestTimestamp() {
    watermarks.onEvent("a", 5_000, recorded);
    watermarks.onEvent("b", 4_000, recorded);
    watermarks.onPeriodicEmit(recorded);

    assertThat(recorded.watermark).isEqualTo(4_999);
  }

  @Test
  void anIdlePartitionsTimeGoesOnAtWallClockPace() {
    watermarks.onEvent("a", 5_000, recorded);
    clock.advanceTime(Duration.ofSeconds(11));
    watermarks.onPeriodicEmit(recorded);

    assertThat(recorded.watermark).isEqualTo(14_999);
  }

  @Test
  void anActivePartitionsTimeDoesNotRunAhead() {
    watermarks.onEvent("a", 5_000, recorded);
    clock.advanceTime(Duration.ofSeconds(11));
    watermarks.onEvent("b", 5_001, recorded);
    watermarks.onPeriodicEmit(recorded);

    assertThat(recorded.watermark).isEqualTo(5_000);
  }

  private static final class Recorded implements WatermarkOutput {
    private long watermark = Long.MIN_VALUE;
    private boolean idle;

    @Override
    public void emitWatermark(Watermark watermark) {
      this.watermark = watermark.getTimestamp();
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

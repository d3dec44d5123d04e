package dev.sluice.job;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;

/**
 * The clock that timeouts are counted in: the Kafka timestamps of one partition, which go on at
 * wall-clock pace while the partition is idle, so that an outcome for nothing becomes a dead letter
 * even if nothing else ever comes. A partition that has had no record yet holds nobody up.
 *
 * <p>Kafka's timestamps are part of the log: a replay sees the same ones, a long downtime does not
 * make anything time out, and no producer can make other keys time out by a wrong {@code time} in
 * its event. After a restore time stands still until the first record. One instance a partition;
 * used by the source's task thread only.
 */
final class IdleAwareWatermarks<T> implements WatermarkGenerator<T> {

  private static final long IDLE_AFTER_NANOS = Duration.ofSeconds(1).toNanos();

  private final RelativeClock clock;
  private long latestMs = Long.MIN_VALUE;
  private long activeNanos;

  /**
   * @param clock stands still while the source is held up by backpressure
   */
  IdleAwareWatermarks(RelativeClock clock) {
    this.clock = clock;
    this.activeNanos = clock.relativeTimeNanos();
  }

  @Override
  public void onEvent(T event, long timestampMs, WatermarkOutput output) {
    latestMs = Math.max(latestMs, timestampMs);
    activeNanos = clock.relativeTimeNanos();
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    long idleNanos = clock.relativeTimeNanos() - activeNanos - IDLE_AFTER_NANOS;
    if (latestMs == Long.MIN_VALUE) {
      if (idleNanos > 0) {
        output.markIdle();
      }
    } else {
      output.emitWatermark(new Watermark(latestMs - 1 + Math.max(0, idleNanos / 1_000_000)));
    }
  }
}

package dev.sluice.job;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;

/**
 * The clock that timeouts are counted in: the Kafka timestamps of one partition. A partition that
 * has been quiet for a while is idle: it holds no other partition's time back, however old its last
 * record is. While all of them are quiet, {@link LearnAndPredictOperator} advances time.
 *
 * <p>Kafka's timestamps are part of the log: a replay sees the same ones, a long downtime does not
 * make anything time out, and no producer can make other keys time out by a wrong {@code time} in
 * its event. After a restore time does not advance until the first record. One instance a
 * partition; used by the source's task thread only.
 *
 * <h2>For how long it must be quiet</h2>
 *
 * <p>A partition that is quiet and still has records to be read counts as idle too, and time then
 * follows the others. Its records come late by the difference, and if that is longer than the
 * timers' slack, a sixteenth of the timeout at least, a half may be given up although the other
 * half is in time and only behind it in the log. So:
 *
 * <ul>
 *   <li>While the job keeps up, a partition that is idle for less than a sixteenth of the timeout
 *       does no harm: its records are not later than that.
 *   <li>While it catches up, partitions may be hours apart, and a quiet one must not be taken for
 *       one that is read to its end. Therefore none is idle before a sixteenth of the timeout has
 *       passed, but after ten minutes at most, and ten seconds at least: brokers elect another
 *       leader within these (a dead one is noticed after 9 s), and Kafka's clients give a request
 *       up after 30 s.
 * </ul>
 *
 * <p>An outage of Kafka that is longer than that, while partitions are further apart than a
 * sixteenth of the timeout, makes time jump to the latest of them. The price for the caution:
 * timeouts are later by a sixteenth where a partition falls quiet.
 */
final class IdleAwareWatermarks<T> implements WatermarkGenerator<T> {

  private static final Duration LEAST = Duration.ofSeconds(10);
  private static final Duration MOST = Duration.ofMinutes(10);
  private static final int SHARE_OF_TIMEOUT = 16;

  private final RelativeClock clock;
  private final long quietNanos;
  private long latestMs = Long.MIN_VALUE;
  private long activeNanos;
  private boolean isIdle;

  /**
   * @param clock does not advance while backpressure delays the source
   * @param quiet for how long no record must have come for the partition to be idle
   */
  IdleAwareWatermarks(RelativeClock clock, Duration quiet) {
    this.clock = clock;
    this.quietNanos = quiet.toNanos();
    this.activeNanos = clock.relativeTimeNanos();
  }

  /** For how long a partition must be quiet to be idle, with this timeout. */
  static Duration quietFor(Duration timeout) {
    Duration share = timeout.dividedBy(SHARE_OF_TIMEOUT);
    if (share.compareTo(LEAST) < 0) {
      return LEAST;
    }
    return share.compareTo(MOST) > 0 ? MOST : share;
  }

  @Override
  public void onEvent(T event, long timestampMs, WatermarkOutput output) {
    latestMs = Math.max(latestMs, Math.max(timestampMs, Long.MIN_VALUE + 1));
    activeNanos = clock.relativeTimeNanos();
    isIdle = false;
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    boolean isQuiet = clock.relativeTimeNanos() - activeNanos > quietNanos;
    if (latestMs > Long.MIN_VALUE && !isIdle) {
      output.emitWatermark(new Watermark(latestMs - 1)); // makes it active
    }
    if (isQuiet) {
      output.markIdle();
      isIdle = true;
    }
  }
}

package dev.sluice.job;

import dev.sluice.model.ModelState;
import dev.sluice.state.Uids;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * When a model is too old: {@code sluice.model.expire-after} in Kafka record time since its key's
 * last event, with nothing pending.
 *
 * <p>Two times count, and only the first one decides what is answered. <em>An event's own
 * timestamp</em> says whether it finds the key's model or a new one, so a replay decides as the
 * first run did, whenever timers fire. <em>A timer</em> frees the memory of keys that have no event
 * any more. It fires one to two steps after the model has expired, when every event in time finds a
 * new model anyway; only an event that is late by more than a step shows a difference.
 *
 * <p>A model has one timer: it is set when the model begins, and set again when it fires too early,
 * instead of with each event. Timers carry no more than a time and a key, and those of pending
 * halves are in the same queue, therefore <b>a model's timers are at odd milliseconds</b> and those
 * of pending halves at even ones ({@link #notOwn}). One at another time, from an older snapshot,
 * costs one more timer of its key.
 *
 * <p><b>Changed settings.</b> A longer time finds timers that fire too early. For a shorter one, or
 * the first one, every stored key needs a timer: the expiry time that a snapshot was taken under
 * shows whether one is missing ({@link #timersAreMissing}). The models of a snapshot that was taken
 * without expiry know no time; for them it begins with the clock of the restored job.
 */
final class ModelExpiry {

  /** Fires with the first watermark. */
  static final long AT_ONCE = Long.MIN_VALUE + 1;

  private static final int STEPS = 16;

  private final long afterMs;
  private final long stepMs;
  private final ListState<Long> stored;
  private final boolean timersAreMissing;

  /**
   * Reads what a restored snapshot says.
   *
   * @param after null if models live for ever
   */
  ModelExpiry(OperatorStateStore store, @Nullable Duration after) throws Exception {
    afterMs = after == null ? 0 : after.toMillis();
    stepMs = Math.max(1, afterMs / STEPS);
    stored = store.getUnionListState(new ListStateDescriptor<>(Uids.EXPIRY_STATE, Types.LONG));
    long before = Long.MAX_VALUE;
    for (long span : stored.get()) {
      before = span;
    }
    timersAreMissing = isOn() && before > afterMs;
  }

  /** Writes under which time the snapshot's timers were set, in the first task only. */
  void snapshot(boolean first) throws Exception {
    stored.update(first && isOn() ? List.of(afterMs) : List.of());
  }

  /** Whether models expire at all. */
  boolean isOn() {
    return afterMs > 0;
  }

  /** Whether stored models may have no timer, or one that is later than it must be. */
  boolean timersAreMissing() {
    return timersAreMissing;
  }

  /** The last moment, in record time, at which a model is found. */
  long lastMomentMs(ModelState model) {
    return sum(model.lastEventMs, afterMs);
  }

  /** Whether an event, or a timer, at this time finds the model expired, if nothing is pending. */
  boolean isOver(ModelState model, long atMs) {
    return model.lastEventMs != ModelState.UNKNOWN && lastMomentMs(model) < atMs;
  }

  /**
   * From when a model counts that knows no time. Rounded up, so that two replays agree that see
   * their first watermarks at slightly different times.
   */
  long beginsMs(long watermarkMs) {
    return sum(floor(watermarkMs), stepMs);
  }

  /** The time of a model's timer: later than a moment by more than a step. */
  long timerAfter(long momentMs) {
    return sum(floor(momentMs), 2 * stepMs) | 1;
  }

  /** Every time at which the timer of a model may be, set under the current setting. */
  LongStream timersOf(ModelState model) {
    if (!isOn()) {
      return LongStream.empty();
    }
    if (model.lastEventMs == ModelState.UNKNOWN) {
      return LongStream.of(AT_ONCE);
    }
    long lastMs = lastMomentMs(model);
    return LongStream.rangeClosed(0, STEPS + 2).map(back -> timerAfter(lastMs - back * stepMs));
  }

  static boolean isOwn(long timerMs) {
    return (timerMs & 1) == 1;
  }

  /** A time for a timer that is not a model's: at most one millisecond earlier. */
  static long notOwn(long timerMs) {
    return timerMs & ~1L;
  }

  private long floor(long timeMs) {
    long rest = Math.floorMod(timeMs, stepMs);
    return timeMs < Long.MIN_VALUE + rest ? Long.MIN_VALUE : timeMs - rest;
  }

  /** Bounded by the end of time; what is added is not negative. */
  private static long sum(long timeMs, long spanMs) {
    return timeMs > Long.MAX_VALUE - spanMs ? Long.MAX_VALUE : timeMs + spanMs;
  }
}

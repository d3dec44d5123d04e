package dev.sluice.job;

import dev.sluice.job.KeyHalves.Arrivals;
import dev.sluice.model.Pending;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.util.function.SupplierWithException;
import org.jspecify.annotations.Nullable;

/**
 * The current key's predictions and outcomes that wait for each other, and the timer that ends
 * their waiting. What is given up goes to the caller; it is not here any more then.
 *
 * <p><b>Timers.</b> For each half a timer of its key is set that fires at {@link #timerAfter} of
 * its due time or earlier. While the key is cached its first timer is known, and no later one is
 * set; when it fires, the next one is set for the half that is due first. So a key has one timer,
 * which is deleted only with its key: pairs that have met leave it, and it then fires for nothing.
 * What is known of a timer is not stored: a key that comes into the cache again, or is restored,
 * sets one too many at most, at a time that others share.
 */
final class PendingHalves {

  /**
   * Timers fire at multiples of an n-th of the timeout, so that a key's pending halves share them.
   */
  private static final int TIMERS_A_TIMEOUT = 16;

  private final long timeoutMs;
  private final long timerStepMs;

  private SupplierWithException<KeyHalves, Exception> current;

  /**
   * @param state where each change is written at once, until there is a cache
   */
  PendingHalves(MapState<String, Pending> state, long timeoutMs) {
    this.current = () -> new KeyHalves(state, 0);
    this.timeoutMs = timeoutMs;
    this.timerStepMs = Math.max(1, timeoutMs / TIMERS_A_TIMEOUT);
  }

  /** The descriptor of the keyed state. */
  static MapStateDescriptor<String, Pending> descriptor() {
    return new MapStateDescriptor<>(Uids.PENDING_STATE, Types.STRING, SluiceTypes.PENDING);
  }

  /** Puts a cache before the state. */
  void keepBehind(SupplierWithException<KeyHalves, Exception> cache) {
    current = cache;
  }

  /** What waits under this id; what should have timed out before {@code nowMs} does so now. */
  @Nullable Pending waiting(String id, long nowMs, Consumer<Pending> giveUp) throws Exception {
    KeyHalves halves = current.get();
    Pending held = halves.get(id);
    if (held != null && due(held.arrivalMs()) < nowMs) {
      halves.remove(id);
      giveUp.accept(held);
      return null;
    }
    return held;
  }

  /** Whether something waits under this id that is in time. */
  boolean holds(String id, long nowMs) throws Exception {
    Pending held = current.get().get(id);
    return held != null && due(held.arrivalMs()) >= nowMs;
  }

  void remove(String id) throws Exception {
    current.get().remove(id);
  }

  void hold(String id, Pending half, TimerService timers) throws Exception {
    KeyHalves halves = current.get();
    halves.add(id, half);
    wake(halves, half.arrivalMs(), timers);
  }

  /** Sees to it that a timer fires for what came at this time. */
  private void wake(KeyHalves halves, long arrivalMs, TimerService timers) {
    long atMs = timerAfter(due(arrivalMs));
    if (atMs < halves.timerMs() || halves.timerMs() == KeyHalves.NO_TIMER) {
      timers.registerEventTimeTimer(atMs);
      halves.setTimerMs(atMs);
    }
  }

  /** A timer of the key has fired: gives up what is overdue, and sees to the next timer. */
  void fired(long atMs, TimerService timers, Consumer<Pending> giveUp) throws Exception {
    KeyHalves halves = current.get();
    if (halves.isKnownEmpty()) {
      halves.setTimerMs(later(halves.timerMs(), atMs));
    } else if (due(halves.earliestMs()) < atMs || atMs == Long.MAX_VALUE) {
      endOverdue(atMs, timers, giveUp);
    } else {
      halves.setTimerMs(later(halves.timerMs(), atMs));
      wake(halves, halves.earliestMs(), timers);
    }
  }

  /**
   * As {@link #fired}, when the caller has to know what is left.
   *
   * @return null if nothing waits any more; at the end of time nothing does
   */
  @Nullable Arrivals endOverdue(long atMs, TimerService timers, Consumer<Pending> giveUp)
      throws Exception {
    KeyHalves halves = current.get();
    halves.setTimerMs(later(halves.timerMs(), atMs));
    // At the end of time everything is given up.
    Arrivals left = giveUpOverdue(atMs, atMs == Long.MAX_VALUE, giveUp);
    if (left != null) {
      // Its timer is this one, if it was registered under a shorter timeout.
      wake(halves, left.earliestMs(), timers);
    }
    return left;
  }

  private static long later(long timerMs, long firedMs) {
    return timerMs > firedMs ? timerMs : KeyHalves.NO_TIMER;
  }

  /**
   * Gives up what has waited for longer than the timeout at this time.
   *
   * @return null if nothing waits any more
   */
  @Nullable Arrivals giveUpOverdue(long atMs, Consumer<Pending> giveUp) throws Exception {
    return giveUpOverdue(atMs, false, giveUp);
  }

  private @Nullable Arrivals giveUpOverdue(long atMs, boolean all, Consumer<Pending> giveUp)
      throws Exception {
    return current.get().end((id, arrivalMs) -> all || due(arrivalMs) < atMs, giveUp);
  }

  /**
   * Deletes everything, with its timers, also those of pairs that have met. One that was set under
   * another timeout, or by a half that came in much later than {@code latestMs}, fires for nothing.
   *
   * @param spared which ids stay
   * @param latestMs when the last half came, if that is known; else the current time
   */
  void forget(
      Predicate<String> spared, long latestMs, TimerService timers, Consumer<Pending> giveUp)
      throws Exception {
    KeyHalves halves = current.get();
    List<Long> stay = new ArrayList<>();
    AtomicLong lastMs = new AtomicLong(latestMs);
    halves.end(
        (id, arrivalMs) -> {
          lastMs.accumulateAndGet(arrivalMs, Math::max);
          if (spared.test(id)) {
            stay.add(arrivalMs);
            return false;
          }
          timers.deleteEventTimeTimer(timerAfter(due(arrivalMs)));
          return true;
        },
        giveUp);
    for (int back = 0; back <= TIMERS_A_TIMEOUT + 2; back++) {
      timers.deleteEventTimeTimer(timerAfter(due(lastMs.get()) - back * timerStepMs));
    }
    halves.setTimerMs(KeyHalves.NO_TIMER);
    for (long arrivalMs : stay) {
      wake(halves, arrivalMs, timers);
    }
  }

  /**
   * The last moment at which the other half is in time; the end of time for the latest arrivals.
   */
  long due(long arrivalMs) {
    return arrivalMs > Long.MAX_VALUE - timeoutMs ? Long.MAX_VALUE : arrivalMs + timeoutMs;
  }

  /** After {@code dueMs} by an eighth of the timeout at most, and always later than it. */
  private long timerAfter(long dueMs) {
    // With the end of time nothing expires, so a model's timer and this one may be the same there.
    return dueMs > Long.MAX_VALUE - 2 * timerStepMs
        ? Long.MAX_VALUE
        : ModelExpiry.notOwn((dueMs / timerStepMs + 2) * timerStepMs);
  }
}

package dev.sluice.job;

import dev.sluice.model.Pending;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.streaming.api.TimerService;
import org.jspecify.annotations.Nullable;

/**
 * What {@link PendingHalves} must decide, without a cache: each half is in the state from its
 * arrival on and has a timer of its own, and a timer goes through all of them.
 */
final class PlainHalves {

  /**
   * Timers fire at multiples of an n-th of the timeout, so that a key's pending halves share them.
   */
  private static final int TIMERS_A_TIMEOUT = 16;

  private final MapState<String, Pending> state;
  private final long timeoutMs;
  private final long timerStepMs;

  PlainHalves(MapState<String, Pending> state, long timeoutMs) {
    this.state = state;
    this.timeoutMs = timeoutMs;
    this.timerStepMs = Math.max(1, timeoutMs / TIMERS_A_TIMEOUT);
  }

  /** When the first and the last of those came that still wait. */
  record Arrivals(long earliestMs, long latestMs) {}

  /** What waits under this id; what should have timed out before {@code nowMs} does so now. */
  @Nullable Pending waiting(String id, long nowMs, Consumer<Pending> giveUp) throws Exception {
    Pending held = state.get(id);
    if (held != null && due(held.arrivalMs()) < nowMs) {
      state.remove(id);
      giveUp.accept(held);
      return null;
    }
    return held;
  }

  /** Whether something waits under this id that is in time. */
  boolean holds(String id, long nowMs) throws Exception {
    Pending held = state.get(id);
    return held != null && due(held.arrivalMs()) >= nowMs;
  }

  void remove(String id) throws Exception {
    state.remove(id);
  }

  void hold(String id, Pending half, TimerService timers) throws Exception {
    state.put(id, half);
    wake(half.arrivalMs(), timers);
  }

  /** Sets the timer of what came at this time. */
  void wake(long arrivalMs, TimerService timers) {
    timers.registerEventTimeTimer(timerAfter(due(arrivalMs)));
  }

  /**
   * Gives up what has waited for longer than the timeout at this time.
   *
   * @param all whether to give up everything, time being at its end
   * @return null if nothing waits any more
   */
  @Nullable Arrivals giveUpOverdue(long atMs, boolean all, Consumer<Pending> giveUp)
      throws Exception {
    Arrivals left = null;
    Iterator<Map.Entry<String, Pending>> entries = state.iterator();
    while (entries.hasNext()) {
      Pending held = entries.next().getValue();
      long arrivalMs = held.arrivalMs();
      if (all || due(arrivalMs) < atMs) {
        entries.remove();
        giveUp.accept(held);
      } else if (left == null) {
        left = new Arrivals(arrivalMs, arrivalMs);
      } else {
        left =
            new Arrivals(
                Math.min(left.earliestMs(), arrivalMs), Math.max(left.latestMs(), arrivalMs));
      }
    }
    if (left == null) {
      state.clear(); // a heap backend would keep the empty map
    }
    return left;
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
    List<Long> stay = new ArrayList<>();
    long lastMs = latestMs;
    Iterator<Map.Entry<String, Pending>> entries = state.iterator();
    while (entries.hasNext()) {
      Map.Entry<String, Pending> entry = entries.next();
      Pending held = entry.getValue();
      lastMs = Math.max(lastMs, held.arrivalMs());
      if (spared.test(entry.getKey())) {
        stay.add(held.arrivalMs());
      } else {
        entries.remove();
        timers.deleteEventTimeTimer(timerAfter(due(held.arrivalMs())));
        giveUp.accept(held);
      }
    }
    for (int back = 0; back <= TIMERS_A_TIMEOUT + 2; back++) {
      timers.deleteEventTimeTimer(timerAfter(due(lastMs) - back * timerStepMs));
    }
    stay.forEach(arrivalMs -> wake(arrivalMs, timers));
    if (stay.isEmpty()) {
      state.clear();
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

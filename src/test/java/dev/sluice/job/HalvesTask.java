package dev.sluice.job;

import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.state.KeyCache;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.state.ValueState;
import org.jspecify.annotations.Nullable;

/** One task's pending halves, behind a cache or plain, and what becomes of them. */
final class HalvesTask {

  private final KeyCache.@Nullable Limit limit;
  final MapOfKeys state = new MapOfKeys();
  final TimersOfKeys timers = new TimersOfKeys();
  final List<String> givenUp = new ArrayList<>();
  private final PlainHalves plain = new PlainHalves(state, PendingHalvesTest.TIMEOUT_MS);
  private PendingHalves halves = new PendingHalves(state, PendingHalvesTest.TIMEOUT_MS);
  CachedKeys keys;
  int met;

  HalvesTask(KeyCache.@Nullable Limit limit) {
    this.limit = limit;
    this.keys = keys();
    restart();
  }

  private CachedKeys keys() {
    return new CachedKeys(
        limit == null ? new KeyCache.Limit(1, 1) : limit,
        new NoModels(),
        state,
        UnaryOperator.identity(),
        () -> state.key,
        key -> state.key = key);
  }

  private void restart() {
    keys = keys();
    halves = new PendingHalves(state, PendingHalvesTest.TIMEOUT_MS);
    halves.keepBehind(keys::halves);
  }

  void restore() throws Exception {
    keys.flush();
    restart();
  }

  private void at(String key) {
    state.key = new String(key.toCharArray()); // as a record brings it: another object
    timers.key = key;
  }

  String observe(String key, String id, long atMs) throws Exception {
    return observe(key, id, atMs, 2);
  }

  String observe(String key, String id, long atMs, int features) throws Exception {
    at(key);
    Pending.Predicted predicted =
        new Pending.Predicted(
            atMs,
            1,
            new SparseFeatures(new int[features], new double[features]),
            null,
            null,
            new double[0][],
            new double[2],
            new double[2],
            ServedBy.CHALLENGER,
            0,
            0,
            null);
    return meet(key, id, predicted, Pending.EarlyOutcome.class);
  }

  String conclude(String key, String id, long atMs) throws Exception {
    at(key);
    RawRecord raw = new RawRecord(new Origin("events", 0, 0), atMs, null, new byte[20]);
    return meet(
        key,
        id,
        new Pending.EarlyOutcome(new Outcome(raw, id, key, 1, new Target.Label("late"))),
        Pending.Predicted.class);
  }

  private String meet(String key, String id, Pending half, Class<?> other) throws Exception {
    Pending waiting =
        limit == null
            ? plain.waiting(id, half.arrivalMs(), held -> giveUp(key, held))
            : halves.waiting(id, half.arrivalMs(), held -> giveUp(key, held));
    if (other.isInstance(waiting)) {
      met++;
      if (limit == null) {
        plain.remove(id);
      } else {
        halves.remove(id);
      }
      return "met " + waiting.arrivalMs();
    }
    if (waiting != null) {
      return "duplicate of " + waiting.arrivalMs();
    }
    if (limit == null) {
      plain.hold(id, half, timers);
    } else {
      halves.hold(id, half, timers);
    }
    return "waits";
  }

  void advance(long toMs) {
    timers.advance(
        toMs,
        (key, atMs) -> {
          at(key);
          try {
            fire(key, atMs);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private void fire(String key, long atMs) throws Exception {
    if (limit != null) {
      halves.fired(atMs, timers, held -> giveUp(key, held));
      return;
    }
    PlainHalves.Arrivals left =
        plain.giveUpOverdue(atMs, atMs == Long.MAX_VALUE, held -> giveUp(key, held));
    if (left != null) {
      plain.wake(left.earliestMs(), timers);
    }
  }

  String giveUpOverdue(String key, long atMs) throws Exception {
    at(key);
    Object left =
        limit == null
            ? plain.giveUpOverdue(atMs, false, held -> giveUp(key, held))
            : halves.giveUpOverdue(atMs, held -> giveUp(key, held));
    return String.valueOf(left);
  }

  void forget(String key, String spared, long latestMs) throws Exception {
    at(key);
    if (limit == null) {
      plain.forget(spared::equals, latestMs, timers, held -> giveUp(key, held));
    } else {
      halves.forget(spared::equals, latestMs, timers, held -> giveUp(key, held));
    }
  }

  private void giveUp(String key, Pending held) {
    String what =
        held instanceof Pending.EarlyOutcome early
            ? early.outcome().id() + " outcome"
            : "observation";
    givenUp.add(key + " " + what + " " + held.arrivalMs());
  }

  /** What is stored and not overdue at this time. */
  SortedSet<String> stored(long nowMs) {
    SortedSet<String> stored = new TreeSet<>();
    state.all.forEach(
        (key, held) ->
            held.forEach(
                (id, half) -> {
                  if (half.arrivalMs() >= nowMs - PendingHalvesTest.TIMEOUT_MS) {
                    stored.add(
                        String.join(
                            " ", key, id, half.getClass().getSimpleName(), "" + half.arrivalMs()));
                  }
                }));
    return stored;
  }

  private static final class NoModels implements ValueState<ModelState> {

    @Override
    public @Nullable ModelState value() {
      return null;
    }

    @Override
    public void update(ModelState value) {
      throw new UnsupportedOperationException("there are no models");
    }

    @Override
    public void clear() {}
  }
}

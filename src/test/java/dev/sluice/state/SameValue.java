package dev.sluice.state;

import dev.sluice.control.ControlState;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.support.ModelStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.testutils.DeeplyEqualsChecker;
import org.jspecify.annotations.Nullable;

/** Compares by content what does not define its own equality, every double by its bits. */
final class SameValue {

  private SameValue() {}

  static boolean same(Object one, Object other) {
    if (one instanceof ModelState a && other instanceof ModelState b) {
      return same(a, b);
    }
    if (one instanceof Pending.Predicted a && other instanceof Pending.Predicted b) {
      return same(a, b);
    }
    if (one instanceof ControlState a && other instanceof ControlState b) {
      return parts(a).equals(parts(b));
    }
    return one.equals(other);
  }

  private static List<Object> parts(ControlState orders) {
    return List.of(
        orders.learning().everyKey(),
        orders.learning().keys(),
        orders.scoring().everyKey(),
        orders.scoring().keys(),
        Optional.ofNullable(orders.policy()),
        orders.numbers(),
        orders.keyResets(),
        orders.answered().all());
  }

  /** For Flink's own tests of serializers. */
  static DeeplyEqualsChecker checker() {
    return new DeeplyEqualsChecker()
        .withCustomCheck(
            (a, b) -> a instanceof ModelState || a instanceof Pending || a instanceof ControlState,
            (a, b, checker) -> same(a, b));
  }

  private static boolean same(ModelState a, ModelState b) {
    return Arrays.deepEquals(arrays(a), arrays(b)) && numbers(a).equals(numbers(b));
  }

  private static Object[] arrays(ModelState state) {
    List<Object> arrays = new ArrayList<>();
    arrays.add(state.start.columns());
    arrays.add(state.start.weights());
    arrays.add(state.columns);
    for (ModelState.Challenger challenger : ModelStates.challengers(state)) {
      arrays.add(challenger.rate());
      arrays.add(challenger.weights());
      arrays.add(challenger.accumulators());
    }
    arrays.add(state.scaler.columns());
    arrays.add(state.scaler.counts());
    arrays.add(state.scaler.means());
    arrays.add(state.scaler.squares());
    arrays.add(state.mixture.shares);
    arrays.add(state.mixture.weights);
    return arrays.toArray();
  }

  private static List<Object> numbers(ModelState state) {
    return List.of(
        state.target.count,
        state.target.mean,
        state.target.variance,
        state.mixture.scale,
        state.mixture.outcomes,
        state.best,
        state.predictions,
        state.updates,
        state.refusedUpdates,
        state.evaluations,
        state.championLossSum,
        state.challengerLossSum,
        state.lossWeight,
        state.evaluationsBefore,
        state.generation,
        state.lastEventMs,
        state.begun,
        Arrays.toString(state.target.first),
        state.drift.count,
        state.drift.mean,
        state.drift.variance,
        state.drift.sum,
        state.drift.minimum,
        state.drift.alarms);
  }

  private static boolean same(Pending.Predicted a, Pending.Predicted b) {
    return a.arrivalMs() == b.arrivalMs()
        && a.timeMs() == b.timeMs()
        && a.features().equals(b.features())
        && Arrays.equals(a.championOutputs(), b.championOutputs())
        && Objects.equals(a.raw(), b.raw())
        && a.begun() == b.begun()
        && Arrays.deepEquals(a.challengers(), b.challengers())
        && Arrays.equals(a.challengerOutputs(), b.challengerOutputs())
        && Arrays.equals(a.servedOutputs(), b.servedOutputs())
        && a.servedBy() == b.servedBy()
        && a.generation() == b.generation()
        && same(a.shadow(), b.shadow());
  }

  private static boolean same(Pending.@Nullable Shadow a, Pending.@Nullable Shadow b) {
    if (a == null || b == null) {
      return (a == null) == (b == null);
    }
    return a.version() == b.version()
        && a.probabilities() == b.probabilities()
        && Arrays.equals(a.outputs(), b.outputs());
  }
}

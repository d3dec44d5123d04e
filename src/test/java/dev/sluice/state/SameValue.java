package dev.sluice.state;

import dev.sluice.control.ControlState;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import java.util.Arrays;
import java.util.List;
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
    return Arrays.deepEquals(a.weights, b.weights)
        && Arrays.deepEquals(a.accumulators, b.accumulators)
        && Arrays.equals(a.scaler.count, b.scaler.count)
        && Arrays.equals(a.scaler.mean, b.scaler.mean)
        && Arrays.equals(a.scaler.m2, b.scaler.m2)
        && numbers(a).equals(numbers(b));
  }

  private static List<Object> numbers(ModelState state) {
    return List.of(
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
        state.drift.count,
        state.drift.mean,
        state.drift.sum,
        state.drift.minimum,
        state.drift.alarms);
  }

  private static boolean same(Pending.Predicted a, Pending.Predicted b) {
    return a.arrivalMs() == b.arrivalMs()
        && a.timeMs() == b.timeMs()
        && a.features().equals(b.features())
        && Arrays.equals(a.championOutputs(), b.championOutputs())
        && Arrays.equals(a.challengerOutputs(), b.challengerOutputs())
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

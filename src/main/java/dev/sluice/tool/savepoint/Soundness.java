package dev.sluice.tool.savepoint;

import dev.sluice.features.ScalerState;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with a stored model or a pending prediction, by what the model's code
 * guarantees of every healthy one: no number is NaN or infinite, all arrays of a job have one
 * shape, sums of squares and counters are not negative, and an outcome is learned or refused at
 * most once.
 */
final class Soundness {

  private final ModelDescription.Shape shape;

  Soundness(ModelDescription.Shape shape) {
    this.shape = shape;
  }

  /** The first fault of a model; null if it is sound. */
  @Nullable String fault(ModelState model) {
    String fault = faultOfShape(model);
    fault = fault == null ? faultOfRows("weights", model.weights) : fault;
    for (int slot = 0; fault == null && slot < model.accumulators.length; slot++) {
      fault = faultOfRows("accumulators[" + slot + "]", model.accumulators[slot]);
    }
    fault = fault == null ? faultOfScaler(model.scaler) : fault;
    fault = fault == null ? faultOfCounters(model) : fault;
    return fault == null ? faultOfLosses(model) : fault;
  }

  /** The first fault of a prediction that waits for its outcome; null if it is sound. */
  @Nullable String fault(Pending.Predicted pending) {
    SparseFeatures features = pending.features();
    int above = -1;
    for (int column : features.indices()) {
      if (column <= above || column >= shape.columns()) {
        return "column (%s) follows (%s), of %s columns".formatted(column, above, shape.columns());
      }
      above = column;
    }
    String fault = faultOfRow("features", features.values());
    fault = fault == null ? faultOfOutputs("challenger", pending.challengerOutputs()) : fault;
    double[] champion = pending.championOutputs();
    fault = fault == null && champion != null ? faultOfOutputs("champion", champion) : fault;
    Pending.Shadow shadow = pending.shadow();
    return fault == null && shadow != null ? faultOfOutputs("shadow", shadow.outputs()) : fault;
  }

  private @Nullable String faultOfShape(ModelState model) {
    if (model.accumulators.length != shape.slots()) {
      return "the optimiser's memory has %s arrays in place of %s"
          .formatted(model.accumulators.length, shape.slots());
    }
    if (model.scaler.count.length != shape.width()) {
      return "the scaler has %s columns in place of %s"
          .formatted(model.scaler.count.length, shape.width());
    }
    int columns = model.weights.length == 0 ? 0 : model.weights[0].length;
    return model.weights.length == shape.outputs() && columns == shape.columns() + 1
        ? null
        : "the weights are %s x %s in place of %s x %s"
            .formatted(model.weights.length, columns, shape.outputs(), shape.columns() + 1);
  }

  private static @Nullable String faultOfRows(String name, double[][] rows) {
    for (int row = 0; row < rows.length; row++) {
      if (!isFinite(rows[row])) {
        return faultOfRow(name + "[" + row + "]", rows[row]);
      }
    }
    return null;
  }

  /** The sum of 0 x over all numbers x: 0 if all are finite, NaN otherwise. */
  private static boolean isFinite(double[] numbers) {
    double sum = 0;
    for (double number : numbers) {
      sum += 0 * number;
    }
    return sum == 0;
  }

  private static @Nullable String faultOfRow(String name, double[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      if (!Double.isFinite(numbers[i])) {
        return "%s[%s] is %s".formatted(name, i, numbers[i]);
      }
    }
    return null;
  }

  private static @Nullable String faultOfScaler(ScalerState scaler) {
    for (int i = 0; i < scaler.count.length; i++) {
      if (scaler.count[i] < 0) {
        return "the scaler's count[%s] is negative (%s)".formatted(i, scaler.count[i]);
      }
      if (!Double.isFinite(scaler.mean[i])) {
        return "the scaler's mean[%s] is %s".formatted(i, scaler.mean[i]);
      }
      if (!(scaler.m2[i] >= 0 && scaler.m2[i] < Double.POSITIVE_INFINITY)) {
        return "the scaler's m2[%s] is %s".formatted(i, scaler.m2[i]);
      }
    }
    return null;
  }

  private static @Nullable String faultOfCounters(ModelState model) {
    if (model.predictions < 0
        || model.updates < 0
        || model.refusedUpdates < 0
        || model.evaluations < 0
        || model.drift.count < 0
        || model.drift.alarms < 0
        || model.generation < 0) {
      return ("a counter is negative: %s predictions, %s updates, %s refused, %s evaluations, generation %s, %s "
              + "losses and %s alarms of the drift detector")
          .formatted(
              model.predictions,
              model.updates,
              model.refusedUpdates,
              model.evaluations,
              model.generation,
              model.drift.count,
              model.drift.alarms);
    }
    return model.updates + model.refusedUpdates > model.evaluations
        ? "%s updates and %s refused are more than its %s evaluations"
            .formatted(model.updates, model.refusedUpdates, model.evaluations)
        : null;
  }

  private static @Nullable String faultOfLosses(ModelState model) {
    if (!(model.lossWeight >= 0 && model.lossWeight < Double.POSITIVE_INFINITY)) {
      return "lossWeight is " + model.lossWeight;
    }
    double drift = model.drift.mean + model.drift.sum + model.drift.minimum;
    if (!Double.isFinite(drift)) {
      return "the drift detector's sums are " + drift;
    }
    return Double.isFinite(model.championLossSum) && Double.isFinite(model.challengerLossSum)
        ? null
        : "the sums of losses are %s (champion) and %s (challenger)"
            .formatted(model.championLossSum, model.challengerLossSum);
  }

  private @Nullable String faultOfOutputs(String of, double[] outputs) {
    return outputs.length == shape.outputs()
        ? faultOfRow("the outputs of the " + of, outputs)
        : "the %s has %s outputs in place of %s".formatted(of, outputs.length, shape.outputs());
  }
}

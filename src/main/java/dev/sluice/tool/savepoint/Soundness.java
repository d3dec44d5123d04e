package dev.sluice.tool.savepoint;

import dev.sluice.features.ScalerState;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.LearnedWeights;
import dev.sluice.model.Mixture;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelSettings.Rates;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.model.TargetScaler;
import java.util.Arrays;
import java.util.List;
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
    fault = fault == null ? faultOfRows("start", model.start.weights()) : fault;
    boolean sound = model.learned.isFinite() && (!shape.squares() || model.learned.least() >= 0);
    for (int i = 0; !sound && fault == null && i < model.learned.challengers(); i++) {
      fault = faultOfNumbers("challengers[" + i + "].", model.learned.challenger(i));
    }
    fault = fault == null ? faultOfScaler(model.scaler) : fault;
    fault = fault == null ? faultOfTarget(model.target) : fault;
    fault = fault == null ? faultOfMixture(model.mixture) : fault;
    fault = fault == null ? faultOfCounters(model) : fault;
    return fault == null ? faultOfLosses(model) : fault;
  }

  /** The first fault of a prediction that waits for its outcome; null if it is sound. */
  @Nullable String fault(Pending.Predicted pending) {
    SparseFeatures raw = pending.raw();
    String fault = faultOfFeatures(pending.features());
    fault = fault == null && raw != null ? faultOfFeatures(raw) : fault;
    for (double[] outputs : pending.challengers()) {
      fault = fault == null ? faultOfOutputs("challengers", outputs) : fault;
    }
    fault = fault == null ? faultOfOutputs("mixture", pending.challengerOutputs()) : fault;
    fault = fault == null ? faultOfOutputs("served model", pending.servedOutputs()) : fault;
    double[] champion = pending.championOutputs();
    fault = fault == null && champion != null ? faultOfOutputs("champion", champion) : fault;
    Pending.Shadow shadow = pending.shadow();
    return fault == null && shadow != null ? faultOfOutputs("shadow", shadow.outputs()) : fault;
  }

  private @Nullable String faultOfFeatures(SparseFeatures features) {
    int above = -1;
    for (int column : features.indices()) {
      if (column <= above || column >= shape.columns()) {
        return "column (%s) follows (%s), of %s columns".formatted(column, above, shape.columns());
      }
      above = column;
    }
    return faultOfRow("features", features.values());
  }

  private @Nullable String faultOfShape(ModelState model) {
    int last = model.columns.length == 0 ? -1 : model.columns[model.columns.length - 1];
    if (last >= shape.columns()) {
      return "column (%s) has weights, of %s columns".formatted(last, shape.columns());
    }
    if (model.start.lastColumn() >= shape.known() + shape.width()) {
      return "column (%s) has weights of the start, of %s columns"
          .formatted(model.start.lastColumn(), shape.known() + shape.width());
    }
    if (!model.start.isNone() && model.start.weights().length != shape.outputs()) {
      return "the start's weights have %s rows in place of %s"
          .formatted(model.start.weights().length, shape.outputs());
    }
    LearnedWeights learned = model.learned;
    String rates = faultOfRates(learned.rates());
    if (rates != null) {
      return rates;
    }
    if (learned.slots() != shape.slots()) {
      return "the optimiser's memory has %s arrays in place of %s"
          .formatted(learned.slots(), shape.slots());
    }
    return learned.outputs() == shape.outputs()
        ? null
        : "the weights have %s rows in place of %s".formatted(learned.outputs(), shape.outputs());
  }

  /** A converted model has one challenger whose rate is not known. */
  private static @Nullable String faultOfRates(double[] rates) {
    if (rates.length == 1 && Double.isNaN(rates[0])) {
      return null;
    }
    List<Double> all = Arrays.stream(rates).boxed().toList();
    try {
      new Rates(all, 0, 0.5, 1, 0);
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  private @Nullable String faultOfNumbers(String of, ModelState.Challenger challenger) {
    String fault = faultOfRows(of + "weights", challenger.weights());
    for (int slot = 0; fault == null && slot < challenger.accumulators().length; slot++) {
      String name = of + "accumulators[" + slot + "]";
      double[][] rows = challenger.accumulators()[slot];
      fault = faultOfRows(name, rows);
      if (fault == null && shape.squares() && least(rows) < 0) {
        fault = "%s, which are sums of squares, have the value %s".formatted(name, least(rows));
      }
    }
    return fault;
  }

  private static double least(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).min().orElse(0);
  }

  private static @Nullable String faultOfTarget(TargetScaler target) {
    return target.count >= 0
            && target.count <= TargetScaler.WINDOW
            && Arrays.stream(target.first).allMatch(Double::isFinite)
            && Double.isFinite(target.mean)
            && target.variance >= 0
            && target.variance < Double.POSITIVE_INFINITY
        ? null
        : "the target's scale has the count %s, the mean %s and the variance %s"
            .formatted(target.count, target.mean, target.variance);
  }

  private static @Nullable String faultOfMixture(Mixture.State mixture) {
    String fault = faultOfWeights("shares", mixture.shares);
    for (int i = 0; fault == null && i < mixture.weights.length; i++) {
      fault = faultOfWeights("weights[" + i + "]", mixture.weights[i]);
    }
    boolean scaled =
        mixture.scale >= 0 && mixture.scale < Double.POSITIVE_INFINITY && mixture.outcomes >= 0;
    return fault != null || scaled
        ? fault
        : "the mixture's scale is %s after %s outcomes".formatted(mixture.scale, mixture.outcomes);
  }

  private static @Nullable String faultOfWeights(String name, double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      if (!(weight >= 0)) {
        return "the mixture's %s hold %s".formatted(name, weight);
      }
      sum += weight;
    }
    return Math.abs(sum - 1) < 1e-6
        ? null
        : "the mixture's %s add up to %s in place of 1".formatted(name, sum);
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

  private @Nullable String faultOfScaler(ScalerState scaler) {
    int[] columns = scaler.columns();
    long[] counts = scaler.counts();
    double[] means = scaler.means();
    double[] squares = scaler.squares();
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] < 0 || columns[i] >= shape.columns()) {
        return "the scaler has column (%s), of %s columns".formatted(columns[i], shape.columns());
      }
      if (counts[i] < 0) {
        return "the scaler's count of column %s is negative (%s)".formatted(columns[i], counts[i]);
      }
      if (!Double.isFinite(means[i])) {
        return "the scaler's mean of column %s is %s".formatted(columns[i], means[i]);
      }
      if (!(squares[i] >= 0 && squares[i] < Double.POSITIVE_INFINITY)) {
        return "the scaler's m2 of column %s is %s".formatted(columns[i], squares[i]);
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
    double drift = model.drift.mean + model.drift.sum + model.drift.minimum + model.drift.variance;
    if (!Double.isFinite(drift) || model.drift.variance < 0) {
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

package dev.sluice.model;

import dev.sluice.event.Target;
import java.util.List;
import org.tribuo.math.util.ExpNormalizer;

/**
 * What a prediction cost, from the outputs as they were predicted. Never above 1e100 and never NaN,
 * so that sums of losses stay finite.
 */
final class Losses {

  private static final double SMALLEST_PROBABILITY = 1e-15;
  private static final double LARGEST_LOSS = 1e100;
  private static final ExpNormalizer SOFTMAX = new ExpNormalizer();

  private final ModelSettings settings;
  private final List<String> labels;

  Losses(ModelSettings settings, List<String> labels) {
    this.settings = settings;
    this.labels = labels;
  }

  /**
   * Log loss in nats (classification) or the objective's own loss (regression).
   *
   * @param probabilities whether outputs are probabilities; scores go through a softmax first
   */
  double of(double[] outputs, boolean probabilities, Target target) {
    return settings.objective().isClassification()
        ? logLoss(outputs, probabilities, labelId(labels, target))
        : Math.min(valueLoss(Math.abs(value(target) - outputs[0])), LARGEST_LOSS);
  }

  private static double logLoss(double[] outputs, boolean probabilities, int label) {
    double p = probabilities ? outputs[label] : SOFTMAX.normalize(outputs)[label];
    return -Math.log(Math.min(1, Math.max(SMALLEST_PROBABILITY, p)));
  }

  /** As Tribuo's, save for the constant -0.5 that Tribuo's absolute loss carries. */
  private double valueLoss(double error) {
    double delta = settings.huberDelta();
    return switch (settings.objective()) {
      case SQUARED -> 0.5 * error * error;
      case HUBER -> error > delta ? delta * error - 0.5 * delta * delta : 0.5 * error * error;
      case ABSOLUTE, LOG, HINGE -> error;
    };
  }

  static int labelId(List<String> labels, Target target) {
    int id = target instanceof Target.Label label ? labels.indexOf(label.name()) : -1;
    if (id < 0) {
      throw new IllegalArgumentException(
          "target (%s) must be one of the labels %s".formatted(target, labels));
    }
    return id;
  }

  static double value(Target target) {
    if (target instanceof Target.Value value) {
      return value.value();
    }
    throw new IllegalArgumentException("target (%s) must be a value".formatted(target));
  }
}

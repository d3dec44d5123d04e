package dev.sluice.model;

import dev.sluice.event.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a prediction cost, from the outputs as they were predicted. Never above 1e100 and never NaN,
 * so that sums of losses stay finite.
 */
public final class Losses {

  private static final double SMALLEST_PROBABILITY = 1e-15;
  private static final double LARGEST_LOSS = 1e100;

  /** Outcomes that a spread remembers. */
  private static final long SPREAD_WINDOW = 200;

  /** Outcomes after which one loss widens a spread by no more than {@link #LARGEST_SPREAD}. */
  private static final long SPREAD_FIRST = 10;

  private static final double LARGEST_SPREAD = 200;

  /** An outlier's: it says little about which model is better. */
  private static final double LARGEST_NATS = 8;

  private final ModelSettings settings;
  private final List<String> labels;

  /**
   * @param labels in the order of the outputs; empty in regression
   */
  public Losses(ModelSettings settings, List<String> labels) {
    this.settings = settings;
    this.labels = labels;
  }

  /**
   * Log loss in nats (classification) or the objective's own loss (regression).
   *
   * @param probabilities whether outputs are probabilities; scores go through a softmax first
   * @throws IllegalArgumentException if the target is not one of the labels, or not a value in
   *     regression
   */
  public double of(double[] outputs, boolean probabilities, Target target) {
    return settings.objective().isClassification()
        ? logLoss(outputs, probabilities, labelId(labels, target))
        : capped(valueLoss(Math.abs(value(target) - outputs[0])));
  }

  /**
   * How likely each model held an outcome, up to a factor; the champion first.
   *
   * @param probabilities whether the champion's outputs are probabilities
   * @param champion its loss; null without one
   * @param spread of the key; changed in regression
   */
  double[] likelihoods(
      Pending.Predicted pending,
      boolean probabilities,
      @Nullable Double champion,
      Target target,
      Mixture.State spread) {
    double[][] challengers = pending.challengers();
    double[] all = new double[1 + challengers.length];
    if (!settings.objective().isClassification()) {
      all[0] = champion == null ? 0 : champion;
      for (int i = 0; i < challengers.length; i++) {
        all[1 + i] = of(challengers[i], false, target);
      }
      return likelihoods(all, champion == null ? 1 : 0, spread);
    }
    int label = labelId(labels, target);
    double[] outputs = pending.championOutputs();
    if (outputs != null) {
      all[0] = probability(outputs, probabilities, label);
    }
    boolean log = settings.objective() == ModelSettings.Objective.LOG;
    for (int i = 0; i < challengers.length; i++) {
      all[1 + i] = probability(challengers[i], log, label);
    }
    return all;
  }

  /**
   * How likely each model held a value, up to a factor, from its loss and the spread that the best
   * model's recent losses have, which first learns this outcome.
   *
   * @param losses by model
   * @param first the first model that counts
   * @param spread of the key; changed
   */
  private double[] likelihoods(double[] losses, int first, Mixture.State spread) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = first; i < losses.length; i++) {
      least = Math.min(least, losses[i]);
    }
    spread.outcomes = Math.min(spread.outcomes + 1, SPREAD_WINDOW);
    double learned =
        spread.outcomes > SPREAD_FIRST && spread.scale > 0
            ? Math.min(least, LARGEST_SPREAD * spread.scale)
            : least;
    spread.scale += (learned - spread.scale) / spread.outcomes;
    double[] likelihoods = new double[losses.length];
    double unit = (settings.objective() == ModelSettings.Objective.ABSOLUTE ? 1 : 2) * spread.scale;
    for (int i = first; i < likelihoods.length; i++) {
      likelihoods[i] = unit > 0 ? Math.exp(-Math.min(LARGEST_NATS, losses[i] / unit)) : 1;
    }
    return likelihoods;
  }

  private static double logLoss(double[] outputs, boolean probabilities, int label) {
    return -Math.log(probability(outputs, probabilities, label));
  }

  /** What a model gave a label: at most 1 and never 0. */
  private static double probability(double[] outputs, boolean probabilities, int label) {
    double p = probabilities ? outputs[label] : Softmax.of(outputs)[label];
    return p > SMALLEST_PROBABILITY ? Math.min(1, p) : SMALLEST_PROBABILITY;
  }

  private static double capped(double loss) {
    return loss < LARGEST_LOSS ? loss : LARGEST_LOSS;
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

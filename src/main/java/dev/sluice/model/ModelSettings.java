package dev.sluice.model;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;

/**
 * What the models of a job are like.
 *
 * @param objective what the challengers minimise
 * @param huberDelta the error beyond which {@link Objective#HUBER} is linear, in the target's unit;
 *     in (0, 1e9]; other objectives ignore it
 * @param optimiser how they follow the gradient
 * @param rates the optimiser's numbers
 * @param labels at least two distinct labels; empty in regression
 * @param width hashed columns, a power of two up to 2^20
 * @param serving which model answers
 */
public record ModelSettings(
    Objective objective,
    double huberDelta,
    Optimiser optimiser,
    Rates rates,
    List<String> labels,
    int width,
    Serving serving)
    implements Serializable {

  private static final int MAX_WIDTH = 1 << 20;

  public ModelSettings {
    labels = List.copyOf(labels);
    require(huberDelta > 0 && huberDelta <= 1e9, "huberDelta", huberDelta, "in (0, 1e9]");
    if (width < 1 || width > MAX_WIDTH || Integer.bitCount(width) != 1) {
      throw new IllegalArgumentException(
          "width (%s) must be a power of two, at most %s".formatted(width, MAX_WIDTH));
    }
    if (objective.isClassification()) {
      requireLabels(labels);
    } else if (!labels.isEmpty()) {
      throw new IllegalArgumentException(
          "labels (%s) must be empty: the objective (%s) learns values"
              .formatted(String.join(", ", labels), objective.code()));
    }
  }

  /** The same settings with another serving policy. */
  public ModelSettings withPolicy(ServingPolicy policy) {
    Serving changed =
        new Serving(policy, serving.hysteresis(), serving.fadingFactor(), serving.minEvaluations());
    return new ModelSettings(objective, huberDelta, optimiser, rates, labels, width, changed);
  }

  /**
   * The optimiser's numbers; each optimiser takes those it knows.
   *
   * @param learningRate of SGD and AdaGrad, in (0, 1000]
   * @param momentum of SGD with momentum, in [0, 0.999999]
   * @param rho AdaDelta's memory, in (0, 0.999999]
   * @param epsilon AdaGrad's and AdaDelta's guard against division by zero, in [1e-15, 1]
   * @param initialAccumulator what AdaGrad's sums of squares start with, in [0, 1e6]
   */
  public record Rates(
      double learningRate, double momentum, double rho, double epsilon, double initialAccumulator)
      implements Serializable {

    public Rates {
      require(
          learningRate > 0 && learningRate <= 1000, "learningRate", learningRate, "in (0, 1000]");
      require(momentum >= 0 && momentum <= 0.999999, "momentum", momentum, "in [0, 0.999999]");
      require(rho > 0 && rho <= 0.999999, "rho", rho, "in (0, 0.999999]");
      require(epsilon >= 1e-15 && epsilon <= 1, "epsilon", epsilon, "in [1e-15, 1]");
      require(
          initialAccumulator >= 0 && initialAccumulator <= 1e6,
          "initialAccumulator",
          initialAccumulator,
          "in [0, 1e6]");
    }

    /** Learning rate 0.05, momentum 0.9, rho 0.95, epsilon 1e-6, accumulators from 1. */
    public static Rates defaults() {
      return new Rates(0.05, 0.9, 0.95, 1e-6, 1.0);
    }
  }

  /**
   * Which model answers.
   *
   * @param policy the rule
   * @param hysteresis under {@link ServingPolicy#BEST}, by what fraction the other model's loss
   *     must be lower before a key changes over, in [0, 1)
   * @param fadingFactor what an earlier loss is multiplied by for each later one, in (0, 1]
   * @param minEvaluations outcomes before a key may change over, at least 0
   */
  public record Serving(
      ServingPolicy policy, double hysteresis, double fadingFactor, long minEvaluations)
      implements Serializable {

    public Serving {
      require(hysteresis >= 0 && hysteresis < 1, "hysteresis", hysteresis, "in [0, 1)");
      require(fadingFactor > 0 && fadingFactor <= 1, "fadingFactor", fadingFactor, "in (0, 1]");
      require(minEvaluations >= 0, "minEvaluations", (double) minEvaluations, "at least 0");
    }

    /** The best, with 0.2 % hysteresis, a fading factor of 0.9999, after 20 outcomes. */
    public static Serving defaults() {
      return new Serving(ServingPolicy.BEST, 0.002, 0.9999, 20);
    }
  }

  private static void requireLabels(List<String> labels) {
    if (labels.size() < 2 || new HashSet<>(labels).size() < labels.size() || labels.contains("")) {
      throw new IllegalArgumentException(
          "labels (%s) must be at least two, distinct and not empty"
              .formatted(String.join(", ", labels)));
    }
  }

  private static void require(boolean holds, String name, double value, String range) {
    if (!holds) {
      throw new IllegalArgumentException("%s (%s) must be %s".formatted(name, value, range));
    }
  }
}

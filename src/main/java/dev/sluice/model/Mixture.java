package dev.sluice.model;

import java.util.Arrays;
import java.util.List;

/**
 * Weights models by how well they predicted: the Bayesian mixture with fixed share (Vovk 1998;
 * Herbster and Warmuth 1998). With each outcome a model's weight is multiplied by the likelihood
 * that it gave the outcome, and then each model gives up a share of its weight, which all get: the
 * champion an equal part, a challenger the less, the wilder its steps are. As the best share
 * depends on how often the best model changes, several shares run side by side and are mixed by the
 * same rule.
 *
 * <p>With log loss its loss is at most ln(shares) - ln(its first weight) nats above that of any
 * model over any number of outcomes, plus what the best share costs. Keeps nothing itself: one
 * serves any number of keys. Model 0 is the champion.
 */
public final class Mixture {

  /** What the shares give each other: a share that was bad once is not lost. */
  private static final double SHARE_OF_SHARES = 3e-4;

  /** How much less a fast challenger is trusted untried: the power of one and its rate. */
  private static final double CAUTION = 1.5;

  /** How much a small share is: the power of the share. */
  private static final double FAVOUR_OF_SHARES = 0.25;

  private static final double SMALLEST_SHARE = 1e-6;

  /** No weight is ever below it, so that a sum of weights is never 0. */
  private static final double SMALLEST = 1e-200;

  private final double[] shares;
  private final double[] firstShares;
  private final double[] equal;

  /** What each model gets of the shares with a champion, and without one; each adds up to 1. */
  private final double[][] parts;

  /**
   * @param rates the challengers' learning rates
   */
  Mixture(List<Double> shares, List<Double> rates) {
    this.shares = shares.stream().mapToDouble(Double::doubleValue).toArray();
    this.firstShares = new double[this.shares.length];
    Arrays.setAll(
        firstShares, i -> Math.pow(Math.max(SMALLEST_SHARE, this.shares[i]), -FAVOUR_OF_SHARES));
    normalise(firstShares);
    equal = new double[this.shares.length];
    Arrays.fill(equal, 1.0 / equal.length);
    double[] untried = rates.stream().mapToDouble(Mixture::caution).toArray();
    normalise(untried);
    parts = new double[][] {parts(1.0 / (1 + untried.length), untried), parts(0, untried)};
  }

  /** How much of untried weight a challenger gets, relative to others. */
  static double caution(double rate) {
    return Math.pow(1 + rate, -CAUTION);
  }

  private static double[] parts(double champion, double[] untried) {
    double[] parts = new double[1 + untried.length];
    parts[0] = champion;
    for (int i = 0; i < untried.length; i++) {
      parts[1 + i] = (1 - champion) * untried[i];
    }
    return parts;
  }

  /** How one key's models are weighted. Mutable; owned by the task's thread. */
  public static final class State {

    /** The weight of each share; shape: [shares]; they add up to 1. */
    public double[] shares;

    /**
     * Each model's weight under each share, the champion's first; shape: [shares][1 + challengers];
     * each row adds up to 1. The champion's are 0 if there is none, or none that was weighted yet.
     */
    public double[][] weights;

    /** The fading mean of the best model's loss, in the loss's unit: 0 if no outcome came. */
    public double scale;

    /** Outcomes that went into the scale, at most as many as it remembers. */
    public long outcomes;

    /** Takes ownership of the arrays. */
    public State(double[] shares, double[][] weights) {
      this.shares = shares;
      this.weights = weights;
    }

    /** An independent copy. */
    public State copy() {
      State copy = new State(shares.clone(), ModelState.copyOf(weights));
      copy.scale = scale;
      copy.outcomes = outcomes;
      return copy;
    }

    long bytes() {
      return weights.length * (40L + weights[0].length * (long) Double.BYTES);
    }
  }

  /** A key's first state, before any outcome. */
  State first(boolean champion) {
    double[][] weights = new double[shares.length][];
    Arrays.setAll(weights, i -> prior(champion));
    return new State(firstShares.clone(), weights);
  }

  /** Weights before any outcome: half to the champion, as challengers have to learn first. */
  private double[] prior(boolean champion) {
    double[] prior = parts[1].clone();
    if (champion) {
      prior[0] = 1;
      normalise(prior);
    }
    return prior;
  }

  /**
   * Adapts a state to other shares, or to whether there is a champion: a new one begins with an
   * equal part.
   */
  void fit(State state, boolean champion) {
    if (state.shares.length != shares.length) {
      double[] all = weights(state);
      state.shares = firstShares.clone();
      state.weights = new double[shares.length][];
      Arrays.setAll(state.weights, i -> all.clone());
    }
    for (double[] row : state.weights) {
      if (champion != row[0] > 0) {
        row[0] = 0;
        normalise(row);
        row[0] = champion ? 1 : 0;
        normalise(row);
      }
    }
  }

  /** Each model's weight now, the champion's first; they add up to 1. */
  double[] weights(State state) {
    double[] sum = new double[state.weights[0].length];
    for (int s = 0; s < state.weights.length; s++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += state.shares[s] * state.weights[s][i];
      }
    }
    normalise(sum);
    return sum;
  }

  /**
   * Learns from an outcome.
   *
   * @param likelihoods how likely each model held it, up to a factor, above 0; the champion's
   *     first, and ignored if it has no weight
   */
  void learn(State state, double[] likelihoods) {
    int first = state.weights[0][0] > 0 ? 0 : 1;
    double most = 0;
    for (int i = first; i < likelihoods.length; i++) {
      most = Math.max(most, likelihoods[i]);
    }
    double[] relative = new double[likelihoods.length];
    for (int i = first; i < relative.length; i++) {
      relative[i] = likelihoods[i] / most;
    }
    for (int s = 0; s < shares.length; s++) {
      double[] row = state.weights[s];
      double sum = 0;
      for (int i = first; i < row.length; i++) {
        row[i] *= relative[i];
        sum += row[i];
      }
      state.shares[s] *= sum;
      share(row, parts[first], first, sum, shares[s]);
    }
    double sum = 0;
    for (double weight : state.shares) {
      sum += weight;
    }
    share(state.shares, equal, 0, sum, SHARE_OF_SHARES);
  }

  /** Divides by the sum, then each gives up a share, of which each gets a part. */
  private static void share(double[] weights, double[] parts, int first, double sum, double share) {
    double kept = (1 - share) / sum;
    for (int i = first; i < weights.length; i++) {
      weights[i] = Math.max(SMALLEST, kept * weights[i] + share * parts[i]);
    }
  }

  private static void normalise(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
  }
}

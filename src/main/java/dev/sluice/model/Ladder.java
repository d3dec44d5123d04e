package dev.sluice.model;

import java.util.Arrays;

/** Adapts a key's challengers to the job's learning rates. */
final class Ladder {

  private Ladder() {}

  /**
   * Gives a state one challenger for each rate. A rate that is new continues from what the nearest
   * one has learned, by ratio, and takes a part of its weight in the mixture: the less, the wilder
   * its steps are.
   *
   * @param rates ascending
   */
  static void fit(ModelState state, double[] rates) {
    LearnedWeights before = state.learned;
    if (before.hasRates(rates)) {
      return;
    }
    int[] sources = new int[rates.length];
    double[] heirs = new double[before.challengers()];
    LearnedWeights after =
        LearnedWeights.zeros(rates, before.outputs(), before.slots(), before.columns());
    for (int i = 0; i < rates.length; i++) {
      sources[i] = nearest(before.rates(), rates[i]);
      heirs[sources[i]] += Mixture.caution(rates[i]);
      after.set(i, before.challenger(sources[i]));
    }
    state.learned = after;
    state.begun++;
    double[][] weights = state.mixture.weights;
    for (int s = 0; s < weights.length; s++) {
      double[] inherited = new double[1 + rates.length];
      inherited[0] = weights[s][0];
      for (int i = 0; i < rates.length; i++) {
        inherited[1 + i] =
            weights[s][1 + sources[i]] * Mixture.caution(rates[i]) / heirs[sources[i]];
      }
      keepSum(inherited, Arrays.stream(weights[s], 1, weights[s].length).sum());
      weights[s] = inherited;
    }
  }

  /** The weights of rates that are gone belong to those that stay. */
  private static void keepSum(double[] weights, double sum) {
    double now = Arrays.stream(weights, 1, weights.length).sum();
    for (int i = 1; i < weights.length; i++) {
      weights[i] = now > 0 ? weights[i] * (sum / now) : sum / (weights.length - 1);
    }
  }

  private static int nearest(double[] rates, double rate) {
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < rates.length; i++) {
      double distance = Math.abs(Math.log(rates[i] / rate));
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }
}

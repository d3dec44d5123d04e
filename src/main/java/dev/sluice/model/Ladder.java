package dev.sluice.model;

import dev.sluice.model.ModelState.Challenger;
import java.util.Arrays;
import java.util.List;

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
  static void fit(ModelState state, List<Double> rates) {
    if (fits(state.challengers, rates)) {
      return;
    }
    Challenger[] before = state.challengers;
    int[] sources = new int[rates.size()];
    double[] heirs = new double[before.length];
    Challenger[] after = new Challenger[rates.size()];
    for (int i = 0; i < after.length; i++) {
      sources[i] = nearest(before, rates.get(i));
      heirs[sources[i]] += Mixture.caution(rates.get(i));
      after[i] = before[sources[i]].copy(rates.get(i));
    }
    state.challengers = after;
    state.begun++;
    double[][] weights = state.mixture.weights;
    for (int s = 0; s < weights.length; s++) {
      double[] inherited = new double[1 + after.length];
      inherited[0] = weights[s][0];
      for (int i = 0; i < after.length; i++) {
        inherited[1 + i] =
            weights[s][1 + sources[i]] * Mixture.caution(rates.get(i)) / heirs[sources[i]];
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

  private static boolean fits(Challenger[] challengers, List<Double> rates) {
    if (challengers.length != rates.size()) {
      return false;
    }
    for (int i = 0; i < challengers.length; i++) {
      if (challengers[i].rate() != rates.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static int nearest(Challenger[] challengers, double rate) {
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < challengers.length; i++) {
      double distance = Math.abs(Math.log(challengers[i].rate() / rate));
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }
}

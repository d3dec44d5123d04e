package dev.sluice.model;

import dev.sluice.model.ModelSettings.Objective;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The outputs of a mixture: weighted probabilities, or weighted values. */
final class MixedOutputs {

  /** As small as a probability can be before its logarithm is too far from all others. */
  private static final double SMALLEST_PROBABILITY = 1e-300;

  private final Objective objective;

  MixedOutputs(Objective objective) {
    this.objective = objective;
  }

  /**
   * Mixes what the models predicted. One that predicts alone, or just what the others do, is given
   * bit for bit.
   *
   * @param weights the champion's first
   * @param champion null to leave it out, and then the others' weights count among themselves
   * @param probabilities whether the champion's outputs are probabilities; scores otherwise
   * @param challengers shape: [challengers][outputs]
   * @return of the objective's kind: probabilities for log, scores for hinge, a value
   */
  double[] of(
      double[] weights,
      double @Nullable [] champion,
      boolean probabilities,
      double[][] challengers) {
    double[] first = challengers[0];
    if (agree(champion, probabilities, challengers)) {
      return first;
    }
    double[] sum = new double[first.length];
    double total = 0;
    if (champion != null) {
      add(sum, weights[0], mixable(champion, probabilities));
      total = weights[0];
    }
    for (int i = 0; i < challengers.length; i++) {
      add(sum, weights[1 + i], mixable(challengers[i], objective == Objective.LOG));
      total += weights[1 + i];
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= total;
      if (objective == Objective.HINGE) {
        sum[i] = Math.log(Math.max(SMALLEST_PROBABILITY, sum[i]));
      }
    }
    return LinearScores.bounded(sum);
  }

  private boolean agree(
      double @Nullable [] champion, boolean probabilities, double[][] challengers) {
    double[] first = challengers[0];
    boolean sameKind =
        probabilities == (objective == Objective.LOG) || !objective.isClassification();
    if (champion != null && !(sameKind && Arrays.equals(champion, first))) {
      return false;
    }
    for (double[] other : challengers) {
      if (!Arrays.equals(other, first)) {
        return false;
      }
    }
    return true;
  }

  private double[] mixable(double[] outputs, boolean probabilities) {
    return probabilities || !objective.isClassification() ? outputs : Softmax.of(outputs);
  }

  private static void add(double[] sum, double weight, double[] outputs) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += weight * outputs[i];
    }
  }
}

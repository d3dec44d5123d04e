package dev.sluice.model;

import dev.sluice.features.SparseFeatures;

/** The scores of a linear model, bit for bit as Tribuo's LinearParameters computes them. */
final class LinearScores {

  private LinearScores() {}

  /**
   * One score for each row of {@code weights}: the columns below {@code columns} in ascending
   * order, then the bias, which is in column {@code columns}. Always finite: see {@link #bounded}.
   */
  static double[] of(double[][] weights, SparseFeatures features, int columns) {
    int[] indices = features.indices();
    double[] values = features.values();
    int active = indices.length;
    while (active > 0 && indices[active - 1] >= columns) {
      active--;
    }
    double[] scores = new double[weights.length];
    for (int row = 0; row < scores.length; row++) {
      double[] w = weights[row];
      double sum = 0;
      for (int i = 0; i < active; i++) {
        sum += w[indices[i]] * values[i];
      }
      scores[row] = sum + w[columns];
    }
    return bounded(scores);
  }

  /**
   * The same for weights that exist only for some columns, in addition to what other weights gave.
   *
   * @param start the scores to add to, one a row; none for 0. With weights of 0 the result is bit
   *     for bit this
   * @param places where each value's weight is; -1 for a weight of 0
   */
  static double[] of(double[][] weights, int[] places, double[] values, double[] start) {
    double[] scores = new double[weights.length];
    for (int row = 0; row < scores.length; row += 2) {
      double[] w = weights[row];
      double[] next = weights[Math.min(row + 1, scores.length - 1)];
      double sum = 0;
      double nextSum = 0;
      for (int i = 0; i < places.length; i++) {
        if (places[i] >= 0) {
          sum += w[places[i]] * values[i];
          nextSum += next[places[i]] * values[i];
        }
      }
      scores[row] = sum + w[w.length - 1];
      if (row + 1 < scores.length) {
        scores[row + 1] = nextSum + next[next.length - 1];
      }
    }
    for (int row = 0; row < start.length; row++) {
      scores[row] = start[row] + scores[row];
    }
    return bounded(scores);
  }

  /** Replaces, in place, what overflowed: ±infinity by the largest double, NaN by 0. */
  static double[] bounded(double[] scores) {
    for (int i = 0; i < scores.length; i++) {
      if (!Double.isFinite(scores[i])) {
        scores[i] = Double.isNaN(scores[i]) ? 0 : Math.copySign(Double.MAX_VALUE, scores[i]);
      }
    }
    return scores;
  }
}

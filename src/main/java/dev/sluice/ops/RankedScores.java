package dev.sluice.ops;

import java.util.OptionalDouble;

/**
 * The scores that one label got, apart for the examples that had it and those that had not; their
 * area under the ROC curve is the Mann-Whitney statistic (Hanley and McNeil 1982), exact.
 */
final class RankedScores {

  private final DoubleColumn positives = new DoubleColumn();
  private final DoubleColumn negatives = new DoubleColumn();

  void add(double score, boolean positive) {
    (positive ? positives : negatives).add(score);
  }

  /**
   * The chance that an example with the label scored higher than one without, ties counting half;
   * empty if there is none of either.
   */
  OptionalDouble auc() {
    if (positives.size() == 0 || negatives.size() == 0) {
      return OptionalDouble.empty();
    }
    double[] with = positives.sorted();
    double[] without = negatives.sorted();
    long halves = 0;
    int below = 0;
    int notAbove = 0;
    for (double score : with) {
      while (below < without.length && without[below] < score) {
        below++;
      }
      while (notAbove < without.length && without[notAbove] <= score) {
        notAbove++;
      }
      halves += below + (long) notAbove;
    }
    return OptionalDouble.of(halves / 2.0 / with.length / without.length);
  }
}

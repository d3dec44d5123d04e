package dev.sluice.tool.scoring;

import dev.sluice.codec.Details;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Counts how well one classifier did, in memory that does not grow with the evaluations. */
final class LabelTally implements Tally {

  /** More ranks at once, each in some hundred bins, would take too much memory. */
  private static final int MOST_RANKS = 2_560;

  private final List<String> labels;
  private final LabelIds ids;

  /** By label, or of the last of two; none where there would be too many. */
  private final RankedScores[] ranked;

  /** How often each label came, was predicted, and both. */
  private final long[] came;

  private final long[] predicted;
  private final long[] right;

  private long n;
  private double lossSum;

  LabelTally(LabelIds ids, int atOnce) {
    this.ids = ids;
    this.labels = ids.labels();
    this.came = new long[labels.size()];
    this.predicted = new long[labels.size()];
    this.right = new long[labels.size()];
    int ranks = isRanked(labels.size(), atOnce) ? ranks(labels.size()) : 0;
    this.ranked = new RankedScores[ranks];
    for (int i = 0; i < ranks; i++) {
      ranked[i] = new RankedScores(ranks * atOnce);
    }
  }

  private static int ranks(int labels) {
    return labels == 2 ? 1 : labels;
  }

  /** Whether so many tallies of so many labels count ranks. */
  static boolean isRanked(int labels, int atOnce) {
    return (long) ranks(labels) * atOnce <= MOST_RANKS;
  }

  /** How many tallies of so many labels may count ranks at once. */
  static int mostRanked(int labels) {
    return labels == 0 ? 0 : MOST_RANKS / ranks(labels);
  }

  boolean isEmpty() {
    return n == 0;
  }

  @Override
  public void add(Truth truth, Column column) {
    String label = truth.label();
    Integer actual = label == null ? null : ids.of(label);
    double[] scores = column.outputs();
    if (actual == null || scores.length != labels.size()) {
      throw otherLabels(labels, "with the label (%s)".formatted(label), truth.timeMs());
    }
    int first = first(scores);
    came[actual]++;
    predicted[first]++;
    right[actual] += actual == first ? 1 : 0;
    int last = scores.length - 1;
    for (int i = 0; i < ranked.length; i++) {
      int positive = ranked.length == 1 ? last : i;
      ranked[i].add(scores[positive], actual == positive);
    }
    lossSum += column.loss();
    n++;
  }

  static IllegalArgumentException otherLabels(List<String> labels, String found, long timeMs) {
    return new IllegalArgumentException(
        "the labels changed from %s, %s at %s: score one kind at a time by --since and --until"
            .formatted(Details.clipped(labels.toString()), found, Instant.ofEpochMilli(timeMs)));
  }

  /** The label with the highest score, the first of equals. */
  static int first(double[] scores) {
    int first = 0;
    for (int i = 1; i < scores.length; i++) {
      first = scores[i] > scores[first] ? i : first;
    }
    return first;
  }

  @Override
  public Score score() {
    return new Score.OfLabels(n, auc(), aucError(), lossSum / n, (double) sum(right) / n, kappa());
  }

  OptionalDouble auc() {
    double sum = 0;
    int defined = 0;
    for (RankedScores one : ranked) {
      OptionalDouble auc = one.auc();
      if (auc.isPresent()) {
        sum += auc.getAsDouble();
        defined++;
      }
    }
    return defined == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / defined);
  }

  /** The mean of the bounds is a bound of the mean of the areas. */
  private double aucError() {
    return Arrays.stream(ranked)
        .filter(one -> one.auc().isPresent())
        .mapToDouble(RankedScores::aucError)
        .average()
        .orElse(0);
  }

  private static long sum(long[] counts) {
    return Arrays.stream(counts).sum();
  }

  private OptionalDouble kappa() {
    double chance = 0;
    for (int i = 0; i < came.length; i++) {
      chance += (double) came[i] / n * predicted[i] / n;
    }
    return chance < 1
        ? OptionalDouble.of(((double) sum(right) / n - chance) / (1 - chance))
        : OptionalDouble.empty();
  }
}

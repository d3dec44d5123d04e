package dev.sluice.tool.scoring;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Counts how well one classifier did, in memory that does not grow with the evaluations. */
final class LabelTally implements Tally {

  private final List<String> labels;
  private final RankedScores[] ranked;

  /** Shape: [true label][predicted label]. */
  private final long[][] confusion;

  private long n;
  private double lossSum;

  LabelTally(List<String> labels) {
    this(labels, 1);
  }

  LabelTally(List<String> labels, int atOnce) {
    this.labels = labels;
    this.confusion = new long[labels.size()][labels.size()];
    this.ranked = new RankedScores[labels.size() == 2 ? 1 : labels.size()];
    for (int i = 0; i < ranked.length; i++) {
      ranked[i] = new RankedScores(ranked.length * atOnce);
    }
  }

  @Override
  public void add(EvaluationRow judgement, EvaluationRow.Said said) {
    String label = judgement.label();
    int truth = label == null ? -1 : labels.indexOf(label);
    if (truth < 0 || !said.labels().equals(labels)) {
      throw new IllegalArgumentException(
          "the labels changed from %s to %s with the label (%s) at %s: score one kind at a time"
                  .formatted(labels, said.labels(), label, Instant.ofEpochMilli(judgement.timeMs()))
              + " by --since and --until");
    }
    double[] scores = said.scores();
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    confusion[truth][best]++;
    int last = scores.length - 1;
    for (int i = 0; i < ranked.length; i++) {
      int positive = ranked.length == 1 ? last : i;
      ranked[i].add(scores[positive], truth == positive);
    }
    lossSum += said.loss();
    n++;
  }

  @Override
  public Score score() {
    return new Score.OfLabels(n, auc(), aucError(), lossSum / n, (double) right() / n, kappa());
  }

  private OptionalDouble auc() {
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

  private long right() {
    long right = 0;
    for (int i = 0; i < confusion.length; i++) {
      right += confusion[i][i];
    }
    return right;
  }

  private OptionalDouble kappa() {
    double chance = 0;
    for (int i = 0; i < confusion.length; i++) {
      long actual = 0;
      long predicted = 0;
      for (int j = 0; j < confusion.length; j++) {
        actual += confusion[i][j];
        predicted += confusion[j][i];
      }
      chance += (double) actual / n * predicted / n;
    }
    return chance < 1
        ? OptionalDouble.of(((double) right() / n - chance) / (1 - chance))
        : OptionalDouble.empty();
  }
}

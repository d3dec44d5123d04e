package dev.sluice.tool.evaluation;

import dev.sluice.event.Target;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the outcomes that are known so far say without any feature: the share of each label
 * (Krichevsky and Trofimov 1981: half an outcome of each to begin with), or the mean of the values.
 */
final class Baseline {

  private static final double PRIOR = 0.5;

  private final List<String> labels;
  private final double[] counts;
  private double mean;
  private long n;

  /**
   * @param labels in the order of the outputs; empty for values
   */
  Baseline(List<String> labels) {
    this.labels = labels;
    this.counts = new double[labels.size()];
  }

  /**
   * What it predicts.
   *
   * @param otherwise what it takes for values while it knows no outcome; null for 0
   */
  double[] outputs(@Nullable Baseline otherwise) {
    if (labels.isEmpty()) {
      return new double[] {n == 0 && otherwise != null ? otherwise.mean : mean};
    }
    double all = n + PRIOR * labels.size();
    return Arrays.stream(counts).map(count -> (count + PRIOR) / all).toArray();
  }

  void learn(Target target) {
    n++;
    if (target instanceof Target.Label label) {
      counts[labels.indexOf(label.name())]++;
    } else if (target instanceof Target.Value value) {
      mean += (value.value() - mean) / n;
    }
  }
}

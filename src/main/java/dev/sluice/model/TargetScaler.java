package dev.sluice.model;

import java.util.Arrays;

/**
 * Running mean and variance of the values that a key's challengers are to add to their start, part
 * of its model: they learn them standardised, so that a rate means the same whatever the unit is.
 * Forgets what is more than a thousand outcomes old. Mutable; owned by the task's thread.
 */
public final class TargetScaler {

  public static final long WINDOW = 1000;
  private static final double CLIP = 10;

  /** Values after which mean and variance take over from medians. */
  public static final int FIRST = 9;

  /** The deviation of normal values in median deviations. */
  private static final double NORMAL = 1.4826;

  private static final double LARGEST_LEARNED = 1e100;

  /** The first values, until there are {@value #FIRST}; then empty. */
  public double[] first = new double[0];

  /** Values seen, at most the window's. */
  public long count;

  /** Their mean, in the value's unit. */
  public double mean;

  /** Their variance, in the square of the value's unit. */
  public double variance;

  /** The standard deviation; 0 before two different values were seen. */
  double deviation() {
    return Math.sqrt(variance);
  }

  /** A standardised value in its own unit, at most ten deviations from the mean. */
  double value(double standardised) {
    return mean + deviation() * Math.max(-CLIP, Math.min(CLIP, standardised));
  }

  /** A value standardised, within ±10; 0 as long as all values were equal. */
  double standardised(double value) {
    double deviation = deviation();
    return deviation == 0 ? 0 : Math.max(-CLIP, Math.min(CLIP, (value - mean) / deviation));
  }

  /** Learns a value, an outlier as if it were ten deviations away. Never not finite. */
  void learn(double value) {
    double learned = Math.max(-LARGEST_LEARNED, Math.min(LARGEST_LEARNED, value));
    if (count < FIRST) {
      learnFirst(learned);
      return;
    }
    if (variance > 0) {
      learned = value(standardised(learned));
    }
    count = Math.min(count + 1, WINDOW);
    double delta = learned - mean;
    mean += delta / count;
    variance += (delta * (learned - mean) - variance) / count;
  }

  /** The median of the first values, and their median deviation: one of them may be an outlier. */
  private void learnFirst(double value) {
    first = Arrays.copyOf(first, first.length + 1);
    first[first.length - 1] = value;
    count = first.length;
    mean = median(first);
    double[] distances = Arrays.stream(first).map(each -> Math.abs(each - mean)).toArray();
    double deviation = NORMAL * median(distances);
    if (deviation == 0) {
      deviation = Arrays.stream(distances).filter(each -> each > 0).min().orElse(0);
    }
    variance = deviation * deviation;
    if (count == FIRST) {
      first = new double[0];
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : sorted[half - 1] / 2 + sorted[half] / 2;
  }

  /** An independent copy. */
  public TargetScaler copy() {
    TargetScaler copy = new TargetScaler();
    copy.first = first.clone();
    copy.count = count;
    copy.mean = mean;
    copy.variance = variance;
    return copy;
  }
}

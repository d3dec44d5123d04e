package dev.sluice.model;

/**
 * Mean and standard deviation of numbers (Welford 1962), of any finite ones without overflow: they
 * are counted as fractions of the largest magnitude among them.
 */
final class Moments {

  private final double largest;
  private long count;
  private double mean;
  private double m2;

  /**
   * @param largest the largest magnitude that will be added, above 0
   */
  Moments(double largest) {
    this.largest = largest;
  }

  static Moments of(double[] numbers) {
    double largest = 0;
    for (double number : numbers) {
      largest = Math.max(largest, Math.abs(number));
    }
    Moments moments = new Moments(largest == 0 ? 1 : largest);
    for (double number : numbers) {
      moments.add(number);
    }
    return moments;
  }

  void add(double number) {
    double fraction = number / largest;
    count++;
    double delta = fraction - mean;
    mean += delta / count;
    m2 += delta * (fraction - mean);
  }

  /** The same numbers and zeros, {@code total} in all (Chan, Golub and LeVeque 1979). */
  Moments withZeros(long total) {
    Moments all = new Moments(largest);
    double share = (double) count / total;
    all.count = total;
    all.mean = mean * share;
    all.m2 = m2 + mean * mean * count * (1 - share);
    return all;
  }

  /** How many were added. */
  long count() {
    return count;
  }

  double mean() {
    return mean * largest;
  }

  /** The population's. */
  double deviation() {
    return Math.sqrt(m2 / count) * largest;
  }

  /** The root of the mean square. */
  double size() {
    return Math.sqrt(m2 / count + mean * mean) * largest;
  }
}

package dev.sluice.job;

import org.apache.flink.metrics.Gauge;

/**
 * A mean that forgets: a value counts .999 to the power of how many came after it (Gama, Sebastião
 * and Rodrigues 2013), so it is that of about the last 1,000. NaN before the first value.
 *
 * <p>The task's thread adds, a reporter's thread reads: it may see one value in the sum that is not
 * yet in the weight, a thousandth of it.
 */
final class FadingMean implements Gauge<Double> {

  private static final double FADING = 0.999;

  private double sum;
  private double weight;

  void add(double value) {
    sum = FADING * sum + value;
    weight = FADING * weight + 1;
  }

  @Override
  public Double getValue() {
    return sum / weight;
  }
}

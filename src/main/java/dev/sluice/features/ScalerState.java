package dev.sluice.features;

/**
 * Running mean and variance of each hashed column that carries numbers (Welford 1962), part of a
 * key's model. Mutable; owned by the task's thread.
 */
public final class ScalerState {

  /** Numbers seen in each column; shape: [width]. */
  public final long[] count;

  /** Their mean; shape: [width]. */
  public final double[] mean;

  /** The sum of their squared deviations from the mean; shape: [width]. */
  public final double[] m2;

  /** A scaler that has seen nothing. */
  public ScalerState(int width) {
    this(new long[width], new double[width], new double[width]);
  }

  /** Takes ownership of the arrays, which are {@code width} long each. */
  public ScalerState(long[] count, double[] mean, double[] m2) {
    this.count = count;
    this.mean = mean;
    this.m2 = m2;
  }
}

package dev.sluice.tool.scoring;

import java.util.ArrayList;
import java.util.List;

/**
 * How well probabilities agree with what happens, in bins of equal width: the reliability table of
 * one probability, and its expected calibration error (Naeini, Cooper and Hauskrecht 2015).
 */
public final class Calibration {

  private static final int BINS = 10;

  private final long[] count = new long[BINS];
  private final double[] predicted = new double[BINS];
  private final long[] happened = new long[BINS];

  /**
   * One bin that is not empty.
   *
   * @param from its lowest probability
   * @param to its highest
   * @param n how many predictions are in it
   * @param predicted the mean of their probabilities
   * @param observed how often it happened, of 1
   */
  public record Bin(double from, double to, long n, double predicted, double observed) {}

  /** Counts a prediction; probabilities that are none count as the nearest one. */
  public void add(double probability, boolean happens) {
    double p = Math.max(0, Math.min(1, probability));
    int bin = Math.min(BINS - 1, (int) (p * BINS));
    count[bin]++;
    predicted[bin] += p;
    happened[bin] += happens ? 1 : 0;
  }

  /** The bins that are not empty, ascending. */
  public List<Bin> reliability() {
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      if (count[i] > 0) {
        bins.add(
            new Bin(
                (double) i / BINS,
                (i + 1.0) / BINS,
                count[i],
                predicted[i] / count[i],
                (double) happened[i] / count[i]));
      }
    }
    return bins;
  }

  /** The mean distance of predicted and observed over all predictions; NaN of none. */
  public double expectedError() {
    double n = 0;
    double distance = 0;
    for (int i = 0; i < BINS; i++) {
      n += count[i];
      distance += Math.abs(predicted[i] - happened[i]);
    }
    return distance / n;
  }
}

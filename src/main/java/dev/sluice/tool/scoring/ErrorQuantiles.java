package dev.sluice.tool.scoring;

import java.util.Map;
import java.util.TreeMap;

/**
 * Quantiles of absolute errors, counted in bins whose bounds grow by 2 %, so that each is right to
 * 1 % of itself (Masson, Rim and Lee 2019). Memory is bounded: the numbers of the contract span
 * fewer than 25,000 bins.
 */
final class ErrorQuantiles {

  private static final double GROWTH = Math.log(1.02);
  private static final double SMALLEST = 1e-100;

  private final TreeMap<Integer, Long> bins = new TreeMap<>();
  private long n;

  void add(double error) {
    double bounded = Math.min(Double.MAX_VALUE, Math.max(SMALLEST, error));
    bins.merge((int) Math.ceil(Math.log(bounded) / GROWTH), 1L, Long::sum);
    n++;
  }

  /** The error that this share of all errors does not exceed; NaN of none. */
  double at(double share) {
    long rank = (long) Math.ceil(share * n);
    long seen = 0;
    for (Map.Entry<Integer, Long> bin : bins.entrySet()) {
      seen += bin.getValue();
      if (seen >= rank) {
        double upper = Math.exp(bin.getKey() * GROWTH);
        return upper <= 2 * SMALLEST ? 0 : upper / Math.exp(GROWTH / 2);
      }
    }
    return Double.NaN;
  }
}

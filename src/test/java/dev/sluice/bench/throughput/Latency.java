package dev.sluice.bench.throughput;

import org.jspecify.annotations.Nullable;

/**
 * How long a contender's answers took, under one load.
 *
 * @param perSecond events a second that were sent
 * @param share of what the contender answered at most
 * @param uncommitted until a reader of all records had the answer
 * @param committed until a reader of committed records had it
 * @param refusal why there are no figures; null if there are
 */
record Latency(
    Contender contender,
    double perSecond,
    double share,
    @Nullable Percentiles uncommitted,
    @Nullable Percentiles committed,
    @Nullable String refusal) {

  /**
   * In milliseconds.
   *
   * @param answers how many it is of
   */
  record Percentiles(double p50, double p99, double p999, int answers) {

    /**
     * Of ages in microseconds.
     *
     * @param sorted ascending, at least one
     */
    static Percentiles of(long[] sorted) {
      return new Percentiles(at(sorted, 0.5), at(sorted, 0.99), at(sorted, 0.999), sorted.length);
    }

    /** The smallest age that is not exceeded by this share of all. */
    private static double at(long[] sorted, double share) {
      int rank = (int) Math.ceil(share * sorted.length);
      return sorted[Math.max(0, rank - 1)] / 1e3;
    }
  }
}

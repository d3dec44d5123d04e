package dev.sluice.features;

/**
 * Standardises a column's numbers with the running mean and variance of Welford (1962).
 *
 * <p>From the fourth number on, one that is more than ten deviations away is learned as if it were
 * ten away: an outlier does not make all other numbers look alike. Beyond a thousand numbers the
 * oldest fade, so that one among the first three does not for ever. Where numbers become a thousand
 * times larger, the deviation is a hundred times larger after a seventh as many numbers as were
 * seen before.
 *
 * <p>A {@link ScalerState} never becomes NaN or infinite: numbers beyond ±1e100 are standardised
 * but not learned, so that a squared deviation is at most 4e200, and 2^63 of them add up to less
 * than 1e220.
 */
final class Scaler {

  private static final double CLIP = 10;
  private static final long FIRST = 3;
  private static final double LARGEST_LEARNED = 1e100;

  private Scaler() {}

  /**
   * (x - mean) / sd with the population variance (m2 / count), clipped to ±10; 0 before two numbers
   * were learned or while they are all equal.
   */
  static double standardised(ScalerState state, int column, double x) {
    int at = state.place(column);
    double deviation = at < 0 || state.countAt(at) < 2 ? 0 : state.deviationAt(at);
    return deviation == 0 ? 0 : Math.max(-CLIP, Math.min(CLIP, (x - state.meanAt(at)) / deviation));
  }

  static void learn(ScalerState state, int column, double x) {
    if (Math.abs(x) > LARGEST_LEARNED) {
      return;
    }
    int at = state.placeOrNew(column);
    double learned = x;
    if (state.countAt(at) >= FIRST) {
      double most = CLIP * state.deviationAt(at);
      double mean = state.meanAt(at);
      learned = most > 0 ? Math.max(mean - most, Math.min(mean + most, x)) : x;
    }
    state.add(at, learned);
  }
}

package dev.sluice.features;

/**
 * Standardises a slot's numbers with the running mean and variance of Welford (1962).
 *
 * <p>A {@link ScalerState} never becomes NaN or infinite: numbers beyond ±1e100 are standardised
 * but not learned, so that a squared deviation is at most 4e200, and 2^63 of them add up to less
 * than 1e220.
 */
final class Scaler {

  private static final double CLIP = 10;
  private static final double LARGEST_LEARNED = 1e100;

  private Scaler() {}

  /**
   * (x - mean) / sd with the population variance (m2 / count), clipped to ±10; 0 before two numbers
   * were learned or while they are all equal.
   */
  static double standardised(ScalerState state, int slot, double x) {
    if (state.count[slot] < 2) {
      return 0;
    }
    double deviation = Math.sqrt(state.m2[slot] / state.count[slot]);
    if (deviation == 0) {
      return 0;
    }
    return Math.max(-CLIP, Math.min(CLIP, (x - state.mean[slot]) / deviation));
  }

  static void learn(ScalerState state, int slot, double x) {
    if (Math.abs(x) > LARGEST_LEARNED) {
      return;
    }
    state.count[slot]++;
    double delta = x - state.mean[slot];
    state.mean[slot] += delta / state.count[slot];
    state.m2[slot] += delta * (x - state.mean[slot]);
  }
}

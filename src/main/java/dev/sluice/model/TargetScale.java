package dev.sluice.model;

import java.util.Arrays;

/**
 * What targets are shifted and divided by while a champion is trained, so that the learning rate
 * means the same whatever their unit is.
 *
 * @param location subtracted first
 * @param unit the divisor, above 0
 * @param gradient the largest gradient of an error of one unit; 1 but for a Huber loss with a small
 *     delta
 */
record TargetScale(double location, double unit, double gradient) {

  /** Of labels, which have no scale. */
  static final TargetScale NONE = new TargetScale(0, 1, 1);

  /**
   * The median absolute deviation of normal numbers is their standard deviation divided by this.
   */
  private static final double NORMAL = 1.4826;

  private static final double SMALLEST = 1e-100;

  /**
   * Mean and standard deviation where large errors decide; median and median absolute deviation
   * where they do not, since a few large targets would make all others look equal.
   */
  static TargetScale of(double[] targets, ModelSettings settings) {
    Moments moments = Moments.of(targets);
    return switch (settings.objective()) {
      case LOG, HINGE -> NONE;
      case SQUARED -> of(moments.mean(), moments.deviation(), Double.POSITIVE_INFINITY);
      case ABSOLUTE -> robust(targets, Double.POSITIVE_INFINITY);
      case HUBER ->
          settings.huberDelta() < moments.deviation()
              ? robust(targets, settings.huberDelta())
              : of(moments.mean(), moments.deviation(), settings.huberDelta());
    };
  }

  private static TargetScale robust(double[] targets, double delta) {
    double median = median(targets);
    double[] distances = Arrays.stream(targets).map(y -> Math.abs(y / 2 - median / 2)).toArray();
    double typical = median(distances) * 2 * NORMAL;
    return typical > SMALLEST
        ? of(median, typical, delta)
        : of(median, 2 * Moments.of(distances).mean(), delta); // more than half are equal
  }

  private static TargetScale of(double location, double unit, double delta) {
    return unit > SMALLEST && Double.isFinite(unit)
        ? new TargetScale(location, unit, Math.max(SMALLEST, Math.min(1, delta / unit)))
        : new TargetScale(location, 1, 1);
  }

  static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : sorted[half - 1] / 2 + sorted[half] / 2;
  }

  double scaled(double target) {
    return 2 * ((target / 2 - location / 2) / unit);
  }
}

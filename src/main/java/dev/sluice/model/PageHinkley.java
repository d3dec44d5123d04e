package dev.sluice.model;

import java.io.Serializable;

/**
 * The Page-Hinkley test (Page 1954; Hinkley 1971) on standardised losses: says when losses have
 * become larger than they were. Each loss x is standardised by the running mean and deviation of
 * the last some hundred losses before it and cut at three deviations, z; m = Σ (z - tolerance)
 * grows while losses are above their mean, and the alarm is raised when m is more than the
 * threshold above the least that it has been. Then the detector starts again.
 *
 * <p>A mean that rises by d deviations is found after about threshold / (d - tolerance) losses. As
 * losses are standardised, a threshold means the same for a key whose losses hardly vary and for
 * one whose losses do.
 *
 * <p>Keeps nothing itself: one serves any number of keys.
 */
public final class PageHinkley {

  /** Losses before the first one is judged. */
  private static final long FIRST = 10;

  /** Losses that mean and variance remember. */
  private static final long WINDOW = 500;

  /** The largest distance from the mean that is taken for what it is, in deviations. */
  public static final double CLIP = 3;

  /** Deviations above the mean as which a larger loss is learned. */
  private static final double LARGEST_LEARNED = 10;

  private final Settings settings;

  /**
   * When it raises the alarm, and what then.
   *
   * @param tolerance how much larger losses may become unnoticed, in standard deviations of the
   *     key's losses, at least 0
   * @param threshold of the cumulated excess, in standard deviations, above 0
   * @param minOutcomes losses before the first alarm, at least 1
   * @param reset whether an alarm resets the key's challenger
   */
  public record Settings(double tolerance, double threshold, long minOutcomes, boolean reset)
      implements Serializable {

    public Settings {
      if (!(tolerance >= 0) || !(threshold > 0) || minOutcomes < 1) {
        throw new IllegalArgumentException(
            "tolerance (%s) must be at least 0, threshold (%s) above 0, minOutcomes (%s) at least 1"
                .formatted(tolerance, threshold, minOutcomes));
      }
    }
  }

  /** A detector with these settings. */
  public PageHinkley(Settings settings) {
    this.settings = settings;
  }

  /** Whether an alarm resets the key's challenger. */
  public boolean resets() {
    return settings.reset();
  }

  /** Takes one loss down; true if it raises the alarm. */
  public boolean observe(State state, double loss) {
    if (isStandard(state)) {
      state.sum += standardised(state, loss) - settings.tolerance();
      state.minimum = Math.min(state.minimum, state.sum);
    }
    state.count++;
    double weight = Math.min(state.count, WINDOW);
    double learned =
        state.count > FIRST && state.variance > 0
            ? Math.min(loss, state.mean + LARGEST_LEARNED * Math.sqrt(state.variance))
            : loss;
    double delta = learned - state.mean;
    state.mean += delta / weight;
    state.variance += (delta * (learned - state.mean) - state.variance) / weight;
    if (state.count < settings.minOutcomes() || state.sum - state.minimum <= settings.threshold()) {
      return false;
    }
    state.restart();
    state.alarms++;
    return true;
  }

  /** Whether there were enough losses, and different ones, to compare another one with. */
  public static boolean isStandard(State state) {
    return state.count >= FIRST && state.variance > 0;
  }

  /**
   * How far a loss is above the mean of those before it, in their deviations, within ±{@value
   * #CLIP}; only of a state that {@link #isStandard}.
   */
  public static double standardised(State state, double loss) {
    double z = (loss - state.mean) / Math.sqrt(state.variance);
    return Math.max(-CLIP, Math.min(CLIP, z));
  }

  /** What a key's drift detector remembers. Mutable; owned by the task's thread. */
  public static final class State {

    /** Losses seen since the detector last began. */
    public long count;

    /** Of the last losses. */
    public double mean;

    /** Of the last losses. */
    public double variance;

    /** The cumulated standardised losses, less the tolerance at each. */
    public double sum;

    /** The least that {@link #sum} has been. */
    public double minimum;

    /** Alarms in the life of this model. */
    public long alarms;

    /** Resets; the alarms stay counted. */
    public void restart() {
      count = 0;
      mean = 0;
      variance = 0;
      sum = 0;
      minimum = 0;
    }

    /** An independent copy. */
    public State copy() {
      State copy = new State();
      copy.count = count;
      copy.mean = mean;
      copy.variance = variance;
      copy.sum = sum;
      copy.minimum = minimum;
      copy.alarms = alarms;
      return copy;
    }
  }
}

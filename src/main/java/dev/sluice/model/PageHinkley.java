package dev.sluice.model;

import java.io.Serializable;

/**
 * The Page-Hinkley test (Page 1954; Hinkley 1971): says when losses have become larger than they
 * were on average. With each loss x the mean is taken along, m = Σ (x - mean - tolerance) grows
 * while losses are above it, and the alarm is raised when m is more than the threshold above the
 * least that it has been. Then the detector starts again.
 *
 * <p>A mean that rises by d beyond the tolerance is found after about threshold / d losses. Losses
 * that do not change, of variance v, raise a false alarm about once in exp(2 · tolerance ·
 * threshold / v) of them (Wald's bound for the maximum of a random walk with negative drift).
 *
 * <p>Keeps nothing itself: one serves any number of keys.
 */
public final class PageHinkley {

  private final Settings settings;

  /**
   * When it raises the alarm, and what then.
   *
   * @param tolerance how much larger losses may become unnoticed, in the loss's unit, at least 0
   * @param threshold of the cumulated excess, in the loss's unit, above 0
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
    state.count++;
    state.mean += (loss - state.mean) / state.count;
    state.sum += loss - state.mean - settings.tolerance();
    state.minimum = Math.min(state.minimum, state.sum);
    if (state.count < settings.minOutcomes() || state.sum - state.minimum <= settings.threshold()) {
      return false;
    }
    state.restart();
    state.alarms++;
    return true;
  }

  /** What a key's drift detector remembers. Mutable; owned by the task's thread. */
  public static final class State {

    /** Losses seen since the detector last began. */
    public long count;

    public double mean;

    /** The cumulated deviation from the mean, less the tolerance at each loss. */
    public double sum;

    /** The least that {@link #sum} has been. */
    public double minimum;

    /** Alarms in the life of this model. */
    public long alarms;

    /** Resets; the alarms stay counted. */
    public void restart() {
      count = 0;
      mean = 0;
      sum = 0;
      minimum = 0;
    }

    /** An independent copy. */
    public State copy() {
      State copy = new State();
      copy.count = count;
      copy.mean = mean;
      copy.sum = sum;
      copy.minimum = minimum;
      copy.alarms = alarms;
      return copy;
    }
  }
}

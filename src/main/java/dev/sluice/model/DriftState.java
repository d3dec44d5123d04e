package dev.sluice.model;

/** What a key's drift detector remembers. Mutable; owned by the task's thread. */
public final class DriftState {

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
  public DriftState copy() {
    DriftState copy = new DriftState();
    copy.count = count;
    copy.mean = mean;
    copy.sum = sum;
    copy.minimum = minimum;
    copy.alarms = alarms;
    return copy;
  }
}

package dev.sluice.ops.resume;

import dev.sluice.ops.broker.Brokers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known before a resume.
 *
 * @param snapshot the URI of what would be resumed
 * @param refusals why it must not be, a sentence each with the way out; empty if it may
 * @param notes what will happen, and what in the logs need not worry anybody
 * @param waiting inputs that nobody has read yet, as far as they can be read now; above {@link
 *     Brokers#COUNTED}, at most how many; {@link #UNKNOWN} if they can't be counted
 * @param replayed inputs that are read again, whose answers are there already
 * @param missing answers that the snapshot counts as given and that were never committed
 * @param healing a snapshot that gives the missing answers; null if none is known or none is
 *     missing
 */
public record Finding(
    String snapshot,
    List<String> refusals,
    List<String> notes,
    long waiting,
    long replayed,
    long missing,
    @Nullable String healing) {

  /** They can't be counted. */
  static final long UNKNOWN = -1;

  public Finding {
    refusals = List.copyOf(refusals);
    notes = List.copyOf(notes);
  }

  /** How many inputs wait, before the word "inputs". */
  String waitingInWords() {
    if (waiting == UNKNOWN) {
      return "an unknown number of";
    }
    return (waiting > Brokers.COUNTED ? "up to %,d" : "%,d").formatted(waiting);
  }

  /**
   * What is known of the input when a resumed job has completed a checkpoint, as the end of a
   * sentence: that it reads on was waited for only where inputs were known to wait.
   */
  String progressInWords() {
    if (waiting == UNKNOWN) {
      return "; whether it reads on is not known, as it is not how many inputs wait: see 'sluice status'";
    }
    return waiting > 0 ? ", and it reads on" : "";
  }

  /** How many inputs will be read that the snapshot has not read. */
  long toRead() {
    return Math.max(0, waiting) + replayed;
  }

  /** Whether the snapshot may be resumed. */
  public boolean isGood() {
    return refusals.isEmpty();
  }
}

package dev.sluice.tool.resume;

import dev.sluice.tool.broker.Waiting;
import dev.sluice.tool.refusal.RefusalCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known before a resume.
 *
 * @param snapshot the URI of what would be resumed
 * @param refusals why it must not be, a sentence each with the remedy; empty if it may
 * @param notes what will happen, and what in the logs can be ignored
 * @param waiting inputs that are not read yet, as far as they can be read now
 * @param replayed inputs that are read again, whose answers are there already
 * @param missing answers that the snapshot counts as given and that were never committed
 * @param healing a snapshot that gives the missing answers; null if none is known or none is
 *     missing
 */
public record Finding(
    String snapshot,
    List<String> refusals,
    List<String> notes,
    Waiting waiting,
    long replayed,
    long missing,
    @Nullable String healing) {

  public Finding {
    refusals = List.copyOf(refusals);
    notes = List.copyOf(notes);
  }

  /**
   * What is known of the input when a resumed job has completed a checkpoint, as the end of a
   * sentence: that it reads on was waited for only where inputs were known to wait.
   */
  String progressInWords() {
    if (!waiting.isKnown()) {
      return "; whether it reads further inputs is not known, as the number that waits is not: see 'sluice status'";
    }
    return waiting.isAny() ? ", and it reads on" : "";
  }

  /**
   * How many inputs will be read that the snapshot has not read, or at most how many. Those that
   * are answered already are among those that wait; a moment later, more may be.
   *
   * @return null if not known
   */
  @Nullable Long toRead() {
    return waiting.isKnown() ? Math.max(waiting.records(), replayed) : null;
  }

  /**
   * How many of the inputs that wait are answered. While the job runs the answers are counted a
   * moment after the inputs were, and may be more by then.
   */
  long answered() {
    return waiting.isKnown() ? Math.min(replayed, waiting.records()) : replayed;
  }

  /** One of something that is refused before its input was checked. */
  static Finding refused(String snapshot, List<String> refusals, List<String> notes) {
    return new Finding(snapshot, refusals, notes, Waiting.NONE, 0, 0, null);
  }

  /** Whether it is refused for want of answers alone, so that the same command may succeed. */
  public boolean isSilence() {
    return !refusals.isEmpty()
        && refusals.stream().allMatch(why -> RefusalCode.of(why).contains(RefusalCode.NO_ANSWER));
  }

  /** Whether the snapshot may be resumed. */
  public boolean isGood() {
    return refusals.isEmpty();
  }
}

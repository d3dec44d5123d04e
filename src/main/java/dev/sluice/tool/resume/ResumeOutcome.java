package dev.sluice.tool.resume;

import dev.sluice.tool.broker.Waiting;
import dev.sluice.tool.refusal.RefusalCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a resume ended. */
public sealed interface ResumeOutcome {

  /** The exit code of the command line. */
  default int exitCode() {
    if (this instanceof Failed) {
      return 5;
    }
    if (this instanceof Refused) {
      return finding().isSilence() ? 10 : 1;
    }
    return 0;
  }

  /** What happened and what to do next, in some sentences for people. */
  String text();

  /** What was known before. */
  Finding finding();

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
  record Finding(
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

    /** The same with one more refusal, and what heals it. */
    Finding refusing(String why, @Nullable String healedBy) {
      List<String> more = new ArrayList<>(refusals);
      more.add(why);
      return new Finding(snapshot, more, notes, waiting, replayed, missing, healedBy);
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

  /**
   * The job runs, has completed a checkpoint and reads on.
   *
   * @param jobId the new job
   */
  record Resumed(Finding finding, String jobId, String text) implements ResumeOutcome {}

  /** It was only asked how: the command. */
  record Printed(Finding finding, String command, String text) implements ResumeOutcome {}

  /**
   * The request was only how another tool can resume it.
   *
   * @param patch the change of a FlinkDeployment, as JSON has it
   * @param yaml the same in YAML
   * @param unknown what this tool can't know of that, a sentence each
   */
  record Patched(
      Finding finding, Map<String, Object> patch, String yaml, List<String> unknown, String text)
      implements ResumeOutcome {
    public Patched {
      unknown = List.copyOf(unknown);
    }
  }

  /** Nothing was touched: it must not be, or a required service did not answer. */
  record Refused(Finding finding, String text) implements ResumeOutcome {}

  /**
   * The job was submitted but does not continue.
   *
   * @param jobId the new job; null if not even that
   */
  record Failed(Finding finding, @Nullable String jobId, String text) implements ResumeOutcome {}
}

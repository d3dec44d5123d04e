package dev.sluice.tool.stop;

import dev.sluice.tool.savepoint.Stores;
import java.util.List;

/**
 * Something that speaks against a snapshot, or against the stop that made it.
 *
 * @param text a sentence, or a clause of one
 */
public record Problem(Code code, String text) {

  /** The prefix of a text about what could not be asked or read. */
  static final String PREFIX = "this could not be found out: ";

  /** What it is about. */
  public enum Code {
    /** It could not be read here or now, or was not proved again: nothing is known to be wrong. */
    UNDECIDED,
    /** Something of the proof failed: the problem may pass. */
    NOT_FOUND_OUT,
    /** A file, or the metadata, is missing, cut off or damaged. */
    INCOMPLETE,
    /** A file is not the one that the receipt names. */
    CHANGED,
    /** A model, or a prediction that waits for its outcome, is damaged. */
    UNSOUND,
    /** Timers were fired that should not have been, or the other way round. */
    DRAINED,
    /** A transaction is open or not committed, or the brokers asked are not the job's. */
    UNCOMMITTED,
    /** Counters have gone back since the stop before. */
    BEHIND,
    /** That the job has ended is not proved, or it has continued since. */
    NOT_ENDED
  }

  static Problem notFoundOut(Exception why) {
    return new Problem(Code.NOT_FOUND_OUT, PREFIX + why.getMessage());
  }

  /** Of a snapshot that is damaged, or could not be read. */
  static Problem unread(Exception why) {
    return new Problem(
        Stores.isBad(why) ? Code.INCOMPLETE : Code.UNDECIDED, String.valueOf(why.getMessage()));
  }

  static List<String> texts(List<Problem> problems) {
    return problems.stream().map(Problem::text).toList();
  }

  boolean isUndecided() {
    return code == Code.UNDECIDED;
  }
}

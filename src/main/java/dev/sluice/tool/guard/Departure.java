package dev.sluice.tool.guard;

import org.jspecify.annotations.Nullable;

/** The answer of a guard that is asked to leave the job running. */
enum Departure {
  /** It leaves for this. */
  BEGUN,
  /** It was asked before. */
  BEGUN_BEFORE,
  /** It ends with the stop that is under way, or keeps serving after it. */
  STOPPING,
  /** A signal to stop came before: another guard takes over, or the job is stopped. */
  ASKING,
  /** It ends for another reason. */
  OVER;

  /**
   * For the log.
   *
   * @param before what ends the guard; null for nothing
   * @param where the stop is
   */
  String words(@Nullable String before, String where) {
    return switch (this) {
      case BEGUN, BEGUN_BEFORE -> "leaving already";
      case STOPPING -> "not leaving, but ending with the stop: " + where;
      case ASKING ->
          "not leaving at once: after %s another guard is asked to take over, or the job is stopped"
              .formatted(before);
      case OVER -> "ending already";
    };
  }
}

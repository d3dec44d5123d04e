package dev.sluice.tool.stop;

import java.time.Duration;

/**
 * The savepoints of one stop that have failed, and how long the next one is waited with: ever
 * longer, whatever the reasons, because each one costs the job something; and longer still where
 * the reason stays the same, so that there are only few before the missing service is back. Used by
 * one thread.
 */
final class FailedSavepoints {

  private static final Duration AT_MOST = Duration.ofSeconds(15);

  /** So many in a row for the same reason will not be the last. */
  private static final int SAME = 3;

  private static final int MOST_SAME = 2 * SAME;

  private int all;
  private int same;
  private int restarts;
  private boolean restarted;
  private String last = "";

  /** One more has failed. */
  void add(String reason) {
    String plain = reason.replaceAll("\\S*[0-9]\\S*", "#"); // as the ids of requests and savepoints
    if (plain.equals(last)) {
      same++;
      restarts += restarted ? 1 : 0;
    } else {
      same = 1;
      restarts = 0;
    }
    restarted = false;
    last = plain;
    all++;
  }

  /** The job was seen not to run since the last one failed: a task has declined it. */
  void jobRestarts() {
    restarted = true;
  }

  /** How many have failed in a row for the same reason. */
  int inARow() {
    return same;
  }

  /**
   * Whether tasks decline them for a permanent reason: each one fails the job then, whose restarts
   * are limited.
   */
  boolean areDeclined() {
    return same >= SAME && restarts >= same - 1;
  }

  /**
   * How long the next one is waited with; longer than what is left if none is to follow.
   *
   * @param left of the grace period
   */
  Duration pause(Duration left) {
    if (same >= MOST_SAME) {
      return left.plusSeconds(1);
    }
    Duration longer = Duration.ofSeconds(1L << Math.min(all - 1, 4));
    Duration pause = longer.compareTo(AT_MOST) > 0 ? AT_MOST : longer;
    Duration third = left.dividedBy(3);
    return same >= SAME && third.compareTo(pause) > 0 ? third : pause;
  }
}

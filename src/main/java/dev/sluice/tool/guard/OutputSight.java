package dev.sluice.tool.guard;

import java.time.Duration;
import java.time.Instant;

/**
 * An observation of a job's output.
 *
 * @param openTransactions of the job that have not ended
 * @param oldestBegan when the oldest of them began; {@code at} if there is none
 * @param heldBack offsets that readers with read_committed can't reach yet, all partitions together
 * @param heldBackSince since when no reader of some partition has come further though more is
 *     there; {@code at} if there is no such partition
 * @param at when it was observed
 */
record OutputSight(
    int openTransactions, Instant oldestBegan, long heldBack, Instant heldBackSince, Instant at) {

  /** Age of the oldest open transaction, in seconds; 0 if there is none. */
  double oldestSeconds() {
    return seconds(oldestBegan);
  }

  /** How long some partition has held its readers back, in seconds; 0 if none does. */
  double heldBackSeconds() {
    return seconds(heldBackSince);
  }

  private double seconds(Instant since) {
    return Math.max(0, Duration.between(since, at).toMillis() / 1e3); // clocks differ
  }
}

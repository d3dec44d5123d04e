package dev.sluice.tool.savepoint;

/**
 * Totals that a job which continues from the snapshot can only add to. A command that resets models
 * changes no model at once: each follows it directly before its key's next event, and then counts
 * from 0. The models that have not followed yet are left out here.
 *
 * @param updates outcomes learned
 * @param predictions observations predicted
 * @param evaluations outcomes evaluated
 */
public record LastingCounters(long updates, long predictions, long evaluations) {

  /** Whether one of them is less than that of another. */
  public boolean isBehind(LastingCounters other) {
    return updates < other.updates
        || predictions < other.predictions
        || evaluations < other.evaluations;
  }
}

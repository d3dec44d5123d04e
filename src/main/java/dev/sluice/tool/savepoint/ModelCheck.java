package dev.sluice.tool.savepoint;

import dev.sluice.ledger.OriginSet;
import dev.sluice.tool.receipt.Receipt;
import java.util.List;

/**
 * What one pass over every key found.
 *
 * @param totals over every key
 * @param lasting those of them that no reset takes away any more
 * @param problems why models are not sound: a sentence each for the first 20, and one that counts
 *     the others; empty if all are sound
 * @param held origins of outcomes that wait for their observation, not answered yet
 */
public record ModelCheck(
    Receipt.Models totals, LastingCounters lasting, List<String> problems, OriginSet held) {

  /**
   * Totals that a job which continues from the snapshot can only add to. A command that resets
   * models changes no model at once: each follows it directly before its key's next event, and then
   * counts from 0. The models that have not followed yet are left out here.
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
}

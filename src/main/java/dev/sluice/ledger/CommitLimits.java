package dev.sluice.ledger;

import java.io.Serializable;
import java.time.Duration;

/**
 * How long an answer may wait for its commit.
 *
 * @param transactionTimeout when the broker aborts a transaction that is still open
 * @param checkpointTimeout when Flink gives up a checkpoint or savepoint that is not complete
 */
public record CommitLimits(Duration transactionTimeout, Duration checkpointTimeout)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final Duration LONGEST_MARGIN = Duration.ofMinutes(1);

  /**
   * What the way from a complete checkpoint to the commit may take, and clocks may differ: a tenth
   * of the transaction timeout, a minute at most.
   */
  public Duration margin() {
    Duration tenth = transactionTimeout.dividedBy(10);
    return tenth.compareTo(LONGEST_MARGIN) < 0 ? tenth : LONGEST_MARGIN;
  }
}

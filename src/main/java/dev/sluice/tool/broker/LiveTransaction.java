package dev.sluice.tool.broker;

import dev.sluice.ledger.Partition;
import java.util.Set;

/**
 * A transaction that has not ended, at a moment.
 *
 * @param transactionalId its name
 * @param producerId who writes in it
 * @param epoch of the producer
 * @param sinceMs when it began, epoch milliseconds; -1 if the brokers do not report it
 * @param partitions that it has written to
 * @param ongoing false if the brokers are ending it, which gives it another epoch
 */
public record LiveTransaction(
    String transactionalId,
    long producerId,
    int epoch,
    long sinceMs,
    Set<Partition> partitions,
    boolean ongoing) {

  public LiveTransaction {
    partitions = Set.copyOf(partitions);
  }

  /** Whether it is the same transaction: a later one of the name has another beginning. */
  public boolean isSame(LiveTransaction other) {
    return transactionalId.equals(other.transactionalId)
        && producerId == other.producerId
        && epoch == other.epoch
        && sinceMs == other.sinceMs;
  }
}

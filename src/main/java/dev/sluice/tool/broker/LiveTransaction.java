package dev.sluice.tool.broker;

import dev.sluice.kafka.Partitions;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;

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

  static LiveTransaction of(String id, TransactionDescription now) {
    Set<Partition> partitions = new TreeSet<>();
    now.topicPartitions().forEach(p -> partitions.add(Partitions.of(p)));
    return new LiveTransaction(
        id,
        now.producerId(),
        now.producerEpoch(),
        now.transactionStartTimeMs().orElse(-1),
        partitions,
        now.state() == TransactionState.ONGOING);
  }

  /** The same as a snapshot holds it. */
  public PendingTransaction pending() {
    return new PendingTransaction(transactionalId, producerId, epoch);
  }

  /** Whether it is the same transaction: a later one of the name has another beginning. */
  public boolean isSame(LiveTransaction other) {
    return transactionalId.equals(other.transactionalId)
        && producerId == other.producerId
        && epoch == other.epoch
        && sinceMs == other.sinceMs;
  }
}

package dev.sluice.ledger;

/**
 * A Kafka transaction that was written before a snapshot and is committed once that is complete.
 *
 * @param transactionalId its name
 * @param producerId who wrote in it
 * @param epoch of the producer when the snapshot was taken
 */
public record PendingTransaction(String transactionalId, long producerId, int epoch) {}

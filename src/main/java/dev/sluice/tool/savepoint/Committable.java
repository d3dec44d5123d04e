package dev.sluice.tool.savepoint;

/**
 * A Kafka transaction that was written before the snapshot and is committed once it is complete.
 *
 * @param transactionalId its name
 * @param producerId who wrote in it
 * @param epoch of the producer at the snapshot
 */
public record Committable(String transactionalId, long producerId, short epoch) {}

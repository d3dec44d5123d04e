package dev.sluice.tool.broker;

/**
 * A transaction that a savepoint holds as written but not yet known to be committed.
 *
 * @param transactionalId its name
 * @param producerId who wrote in it
 * @param epoch of the producer when the savepoint was taken
 */
public record Pending(String transactionalId, long producerId, int epoch) {}

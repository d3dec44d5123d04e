package dev.sluice.tool.broker;

/**
 * A transaction of a job that has not ended.
 *
 * @param transactionalId its name
 * @param producerId who writes in it
 * @param state as the brokers name it
 */
public record OpenTransaction(String transactionalId, long producerId, String state) {}

package dev.sluice.tool.flink;

import java.time.Duration;

/**
 * How a job takes checkpoints.
 *
 * @param interval from one to the next
 * @param timeout when Flink gives one up, a stop's savepoint too
 * @param retained whether a cancelled job leaves its last one behind
 */
public record Checkpointing(Duration interval, Duration timeout, boolean retained) {}

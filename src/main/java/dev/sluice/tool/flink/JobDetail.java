package dev.sluice.tool.flink;

import java.time.Instant;

/**
 * A job's tasks.
 *
 * @param state Flink's word for the job
 * @param allTasksRun whether every task runs
 * @param parallelism the highest of its tasks
 * @param processed records that reached the models since it was submitted
 * @param sourceVertex the source's id
 * @param now the JobManager's clock
 */
public record JobDetail(
    String state,
    boolean allTasksRun,
    int parallelism,
    long processed,
    String sourceVertex,
    Instant now) {}

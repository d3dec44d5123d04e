package dev.sluice.ops.flink;

/**
 * A job's tasks.
 *
 * @param state Flink's word for the job
 * @param allTasksRun whether every task runs
 * @param parallelism the highest of its tasks
 * @param processed records that reached the models since it was submitted
 * @param sourceVertex the source's id
 */
public record JobDetail(
    String state, boolean allTasksRun, int parallelism, long processed, String sourceVertex) {}

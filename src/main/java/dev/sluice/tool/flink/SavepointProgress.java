package dev.sluice.tool.flink;

/**
 * A savepoint in a job's history.
 *
 * @param id its number
 * @param status IN_PROGRESS, COMPLETED or FAILED
 * @param stops whether it stops the job
 * @param acknowledged subtasks that have written their part
 * @param subtasks all of them
 * @param bytes written so far
 * @param uri where it is; empty before the end
 */
public record SavepointProgress(
    long id,
    String status,
    boolean stops,
    int acknowledged,
    int subtasks,
    long bytes,
    String uri) {}

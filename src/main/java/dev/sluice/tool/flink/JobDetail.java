package dev.sluice.tool.flink;

import java.time.Instant;

/**
 * A job's tasks.
 *
 * @param job its name, state and start, as fresh as its tasks
 * @param allTasksRun whether every task runs
 * @param parallelism the highest of its tasks
 * @param processed records that reached the models since it was submitted
 * @param sourceVertex the source's id
 * @param now the JobManager's clock
 */
public record JobDetail(
    JobOverview job,
    boolean allTasksRun,
    int parallelism,
    long processed,
    String sourceVertex,
    Instant now) {

  /** Flink's word for the job. */
  public String state() {
    return job.state();
  }
}

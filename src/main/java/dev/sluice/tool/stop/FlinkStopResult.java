package dev.sluice.tool.stop;

/** How the part of a stop ended that Flink does. */
sealed interface FlinkStopResult {

  /** The savepoint is complete and every task has finished. */
  record Saved(String uri) implements FlinkStopResult {}

  /** The savepoint is complete, but the job failed before it had finished. */
  record FailedAfterSaving(String uri, String reason) implements FlinkStopResult {}

  /** The job ended without a savepoint, by itself or through another client. */
  record Gone(String state, String reason) implements FlinkStopResult {}

  /** Another run of the job is there, maybe resumed from this stop's savepoint. */
  record OtherRun(String reason) implements FlinkStopResult {}

  /** There is no savepoint and the job runs on. */
  record NoSavepoint(String reason) implements FlinkStopResult {}

  /** Tasks decline every savepoint, and the job does not run now: no other one is asked for. */
  record GivenUp(String reason) implements FlinkStopResult {}

  /** The grace period is over, and the job still runs. */
  record GraceOver(String reason) implements FlinkStopResult {}

  /** The grace period is over, and Flink could not be asked: the job did not run. */
  record NotAsked(String reason) implements FlinkStopResult {}

  /** The grace period is over, and Flink does not answer: whether the job runs is not known. */
  record Unanswered(String reason) implements FlinkStopResult {}

  /**
   * The savepoint is complete, and Flink does not answer: whether the job has ended is not known.
   */
  record SavedUnanswered(String uri, String reason) implements FlinkStopResult {}

  /** The savepoint is complete, but the job does not end. */
  record NotFinished(String uri, String reason) implements FlinkStopResult {}
}

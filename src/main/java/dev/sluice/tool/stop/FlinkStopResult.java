package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.StopResult;

/** How the part of a stop ended that Flink does. */
sealed interface FlinkStopResult {

  /** Flink's reason, or what was seen; empty if the job was stopped, or Flink names none. */
  String reason();

  /** The savepoint is complete. */
  record Saved(String uri, JobEnd end, String reason) implements FlinkStopResult {}

  /** What is known of a job whose savepoint is complete. */
  enum JobEnd {
    /** Every task has finished. */
    FINISHED,
    /** It failed before it had finished. */
    FAILED,
    /** It does not end. */
    RUNNING,
    /** Flink does not answer: whether it has ended is not known. */
    UNANSWERED
  }

  /** The job ended without a savepoint, by itself or through another client. */
  record Gone(String state, String reason) implements FlinkStopResult {

    /**
     * @param failed how many savepoints of the stop had failed before
     */
    StopResult result(int failed) {
      String why = reason.isEmpty() ? "" : " (" + reason + ")";
      if (failed > 0) { // Flink fails a job when a task declines such a savepoint.
        return StopResult.of(
            StopResult.Kind.NOT_KNOWN,
            ("The job is %s%s, after %s savepoint%s of a stop had failed; there is no "
                    + "savepoint of it. Resume from its last checkpoint")
                .formatted(state, why, failed, failed == 1 ? "" : "s"));
      }
      return StopResult.of(
          StopResult.Kind.NOTHING_CHANGED,
          "The job is %s, and not by this stop%s; there is no savepoint of it. Resume from its last checkpoint"
              .formatted(state, why));
    }
  }

  /** Another run of the job is there, maybe resumed from this stop's savepoint. */
  record OtherRun(String reason) implements FlinkStopResult {}

  /** There is no savepoint, and the job may run on. */
  record Unsaved(Why why, String reason) implements FlinkStopResult {

    /** For a stop after which the job is left as it is. */
    StopResult left() {
      return switch (why) {
        case FAILED ->
            StopResult.of(
                StopResult.Kind.NOTHING_CHANGED,
                "No savepoint could be made, and the job runs on: " + reason);
        case GIVEN_UP ->
            StopResult.of(
                StopResult.Kind.TIMED_OUT,
                "No savepoint could be made, and no other one is asked for: %s. The same command continues the stop"
                    .formatted(reason));
        case LATE ->
            StopResult.of(
                StopResult.Kind.TIMED_OUT,
                ("The grace period is over, and the job still runs (%s). Flink continues the "
                        + "savepoint until execution.checkpointing.timeout; the same command joins it, "
                        + "with --on-timeout checkpoint it cancels the job and keeps its last checkpoint")
                    .formatted(reason));
        case NOT_ASKED ->
            StopResult.of(
                StopResult.Kind.TIMED_OUT,
                ("The grace period is over, and Flink could not be asked for a savepoint: %s. "
                        + "The same command continues the stop")
                    .formatted(reason));
        case UNANSWERED ->
            StopResult.of(
                StopResult.Kind.NOT_KNOWN,
                ("The grace period is over, and Flink does not answer (%s). Whether the job "
                        + "still runs is not known: the same command continues the stop when a "
                        + "JobManager answers")
                    .formatted(reason));
      };
    }
  }

  /** Why there is no savepoint yet. */
  enum Why {
    /** It failed, and the job runs on. */
    FAILED,
    /** Tasks decline every one, and the job does not run now: no other one is asked for. */
    GIVEN_UP,
    /** The grace period is over, and the job still runs. */
    LATE,
    /** The grace period is over, and Flink could not be asked: the job did not run. */
    NOT_ASKED,
    /** The grace period is over, and Flink does not answer: whether the job runs is not known. */
    UNANSWERED
  }
}

package dev.sluice.tool.guard;

import dev.sluice.tool.flink.JobOverview;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An observation of the job. What is not known is null.
 *
 * @param at when it was observed
 * @param answered whether the JobManager answered
 * @param id the job's, 32 hexadecimal digits; null if there is none of that name
 * @param state Flink's word, as RUNNING
 * @param startedAt when Flink has it started
 * @param sourceLag records in Kafka that the source has not read
 * @param recordsPerSecond that reach the models
 * @param checkpointId the last completed checkpoint's
 * @param checkpointAt when that was complete
 * @param problem why something above is missing, a sentence for people
 */
record ObservedJob(
    Instant at,
    boolean answered,
    @Nullable String id,
    @Nullable String state,
    @Nullable Instant startedAt,
    @Nullable Long sourceLag,
    @Nullable Double recordsPerSecond,
    @Nullable Long checkpointId,
    @Nullable Instant checkpointAt,
    @Nullable String problem) {

  /**
   * One run of a job. Two clusters whose jobs have fixed ids, and two runs of one such job, have
   * the same id, and not the same start.
   *
   * @param id 32 hexadecimal digits
   * @param startedAt when Flink has it started; null if that is not known
   */
  record Run(String id, @Nullable Instant startedAt) {}

  /** A job of which no more than its state is known. */
  static ObservedJob of(Instant at, String id, String state, @Nullable Instant startedAt) {
    return new ObservedJob(at, true, id, state, startedAt, null, null, null, null, null);
  }

  /** What is known before, or in place of, an answer. */
  static ObservedJob unanswered(Instant at, String problem) {
    return new ObservedJob(at, false, null, null, null, null, null, null, null, problem);
  }

  /** What is known of a job that is not there. */
  static ObservedJob absent(Instant at, String problem) {
    return new ObservedJob(at, true, null, null, null, null, null, null, null, problem);
  }

  /** Whether there is no job that could be stopped. */
  boolean isOver() {
    return state == null || JobOverview.isOver(state);
  }

  boolean isRunning() {
    return "RUNNING".equals(state);
  }

  /** The run that could be stopped now; null if none runs. */
  @Nullable Run running() {
    return isRunning() && id != null ? new Run(id, startedAt) : null;
  }
}

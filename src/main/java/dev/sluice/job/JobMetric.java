package dev.sluice.job;

import dev.sluice.fence.FenceMetric;
import org.jspecify.annotations.Nullable;

/**
 * Every figure that source, models and restore fence publish through Flink's metrics, under the
 * group {@code sluice}. To Prometheus all of them are gauges, counters too, and begin at zero when
 * a task starts.
 */
public enum JobMetric {
  PREDICTIONS(Place.TASK, "predictions", "Observations answered by a prediction"),
  EVALUATIONS(Place.TASK, "evaluations", "Outcomes that met their observation"),
  UPDATES(Place.TASK, "updates", "Outcomes that a challenger learned"),
  REFUSED_UPDATES(
      Place.TASK,
      "refusedUpdates",
      "Outcomes not learned, for the step would not have been finite; the model stays sound"),
  PAUSED_UPDATES(Place.TASK, "pausedUpdates", "Outcomes not learned while learning was paused"),
  DEFERRED(
      Place.TASK,
      "deferred",
      "Observations put off while scoring was paused or for a failed lookup, those that deferredTooLarge counts "
          + "included"),
  DRIFT_ALARMS(Place.TASK, "driftAlarms", "Times that a key's losses have become larger"),
  COMPARED_LOSSES(
      Place.TASK,
      "comparedLosses",
      "Outcomes whose loss was compared with the earlier ones of their key"),
  COMPARED_LOSS_SUM(
      Place.TASK,
      "comparedLossSum",
      "How far these losses were above the mean of their key, in its standard deviations, cut at three, with three "
          + "added to each so that the sum only grows"),
  COMMANDS_ACCEPTED(Place.TASK, "commandsAccepted", "Control commands carried out"),
  COMMANDS_REJECTED(Place.TASK, "commandsRejected", "Control commands refused"),
  OUTCOMES_MISSED(
      Place.TASK, "outcomesMissed", "Observations dropped from state, no outcome having come"),
  MODELS_EXPIRED(
      Place.TASK, "modelsExpired", "Models forgotten, their key having had no event for too long"),
  DEAD_LETTERS(Place.TASK, "deadLetters", "reason", "Inputs that can't be used, by reason"),
  SUSPECT_EVENTS(
      Place.TASK,
      "suspectEvents",
      "kind",
      "Events that were taken but look wrong: a feature of a name that was never seen before (new-feature) or of "
          + "another type than before (feature-type), a time far from the record's (far-time)"),
  DEFERRED_TOO_LARGE(
      Place.SINK,
      "deferredTooLarge",
      "Of the observations put off, those that became dead letters (too-large), for their topic takes no record "
          + "as long"),
  DEAD_LETTERS_CUT(
      Place.SINK,
      "deadLettersCut",
      "Dead letters that hold the beginning of their input only, for their topic takes no record as long"),
  NON_FINITE_OUTPUTS(
      Place.TASK,
      "nonFiniteOutputs",
      "model",
      "Outputs of the champion or of challengers that were NaN or infinite"),
  CHAMPION_MEAN_LOSS(
      Place.TASK,
      "championMeanLoss",
      "The champion's mean loss over about the task's last 1,000 outcomes (nats for labels); NaN before the first"),
  CHALLENGER_MEAN_LOSS(
      Place.TASK, "challengerMeanLoss", "The same of the challengers, all keys together"),
  SERVED_MEAN_LOSS(Place.TASK, "servedMeanLoss", "The same of what was served"),
  MEAN_OUTCOME_DELAY(
      Place.TASK,
      "meanOutcomeDelayMs",
      "How long after its observation an outcome came, by the events' own times; a mean as above"),
  CHAMPION_VERSION(Place.TASK, "championVersion", "The champion's version; 0 for none"),
  TRANSACTION_TIMEOUT(
      Place.TASK, "transactionTimeoutMs", "The setting sluice.sink.transaction-timeout"),
  FAILED_COMMITS(
      Place.TASK,
      FenceMetric.FAILED_COMMITS,
      "Transactions of this attempt that could not be committed; the task fails then, but with the fence off "
          + "their answers are lost"),
  ANSWERS_SUPPRESSED(
      Place.TASK, FenceMetric.ANSWERS_SUPPRESSED, "Answers not given again since the last restore"),
  REPLIES_CHANGED(
      Place.TASK,
      FenceMetric.REPLIES_CHANGED,
      "Control commands that a replay answered in another way than before the restore"),
  FENCE_DURATION(
      Place.TASK, FenceMetric.FENCE_DURATION, "How long the last restore read the output"),
  FENCE_RECORDS_READ(Place.TASK, FenceMetric.FENCE_RECORDS_READ, "Records that it read there"),
  FENCE_BYTES_READ(Place.TASK, FenceMetric.FENCE_BYTES_READ, "Their bytes"),
  ANSWERS_MISSING(
      Place.COORDINATOR,
      FenceMetric.ANSWERS_MISSING,
      "Answers that the restored snapshot counts as given and the output lacks; above 0 the job has refused to run"),
  LOST_COMMITS(
      Place.COORDINATOR,
      FenceMetric.LOST_COMMITS,
      "Tasks that failed since the job was submitted because a transaction could not be committed"),
  ANSWERS_FOREIGN(
      Place.COORDINATOR,
      FenceMetric.ANSWERS_FOREIGN,
      "Committed records found at the last restore that name inputs which are not there yet: written by somebody else"),
  UNREAD_PARTITIONS(
      Place.ENUMERATOR,
      "unreadPartitions",
      "Partitions that were added to the input topics and are not read before the next resume");

  /** Where a figure is kept. */
  private enum Place {
    TASK("flink_taskmanager_job_task_operator_sluice_"),
    SINK("flink_taskmanager_job_task_operator_user_sluice_"),
    COORDINATOR("flink_jobmanager_job_operator_coordinator_sluice_"),
    ENUMERATOR("flink_jobmanager_job_operator_coordinator_enumerator_sluice_");

    private final String prefix;

    Place(String prefix) {
      this.prefix = prefix;
    }
  }

  private final Place place;
  private final String code;
  private final @Nullable String label;
  private final String help;

  JobMetric(Place place, String code, String help) {
    this(place, code, null, help);
  }

  JobMetric(Place place, String code, @Nullable String label, String help) {
    this.place = place;
    this.code = code;
    this.label = label;
    this.help = help;
  }

  /** The name in Flink's metric group; its unit is at the end where there is one. */
  public String code() {
    return code;
  }

  /** What distinguishes several figures of this name; null if there is one. */
  public @Nullable String label() {
    return label;
  }

  /** What it is, a sentence without its full stop. */
  public String help() {
    return help;
  }

  /** The name under which Flink's reporter for Prometheus gives it. */
  public String prometheusName() {
    return place.prefix + (label == null ? "" : label + "_") + code;
  }
}

package dev.sluice.job;

import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.Reason;
import dev.sluice.event.ServedBy;
import dev.sluice.model.PageHinkley;
import dev.sluice.model.Pending;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the keyed operator does, under the group {@code sluice}: see {@link JobMetric}. Used
 * by the task's thread.
 */
final class JobMetrics {

  final Counter deferred;

  /** Times that a key's losses have become larger. */
  final Counter driftAlarms;

  final Counter commandsAccepted;
  final Counter commandsRejected;

  /** Observations dropped from state because no outcome came in time. */
  final Counter outcomesMissed;

  /** Models forgotten because their key had no event for too long. */
  final Counter modelsExpired;

  private final Counter comparedLosses;
  private final GrowingSum comparedLossSum = new GrowingSum();
  private final Counter predictions;
  private final Counter evaluations;
  private final Counter updates;
  private final Counter refusedUpdates;
  private final Counter pausedUpdates;
  private final Counter championNonFinite;
  private final Counter challengerNonFinite;
  private final Counter newFeature;
  private final Counter otherType;
  private final Counter farTime;
  private final FadingMean championLoss = new FadingMean();
  private final FadingMean challengerLoss = new FadingMean();
  private final FadingMean servedLoss = new FadingMean();
  private final FadingMean outcomeDelay = new FadingMean();
  private final Map<Reason, Counter> deadLetters = new EnumMap<>(Reason.class);

  /**
   * @param championVersion asked by the reporters' threads; 0 for none
   */
  JobMetrics(MetricGroup operator, long transactionTimeoutMs, IntSupplier championVersion) {
    MetricGroup group = operator.addGroup("sluice");
    predictions = group.counter(JobMetric.PREDICTIONS.code());
    evaluations = group.counter(JobMetric.EVALUATIONS.code());
    updates = group.counter(JobMetric.UPDATES.code());
    refusedUpdates = group.counter(JobMetric.REFUSED_UPDATES.code());
    pausedUpdates = group.counter(JobMetric.PAUSED_UPDATES.code());
    deferred = group.counter(JobMetric.DEFERRED.code());
    driftAlarms = group.counter(JobMetric.DRIFT_ALARMS.code());
    comparedLosses = group.counter(JobMetric.COMPARED_LOSSES.code());
    group.gauge(JobMetric.COMPARED_LOSS_SUM.code(), comparedLossSum);
    commandsAccepted = group.counter(JobMetric.COMMANDS_ACCEPTED.code());
    commandsRejected = group.counter(JobMetric.COMMANDS_REJECTED.code());
    outcomesMissed = group.counter(JobMetric.OUTCOMES_MISSED.code());
    modelsExpired = group.counter(JobMetric.MODELS_EXPIRED.code());
    for (Reason reason : Reason.values()) {
      deadLetters.put(reason, labelled(group, JobMetric.DEAD_LETTERS, reason.code()));
    }
    newFeature = labelled(group, JobMetric.SUSPECT_EVENTS, "new-feature");
    otherType = labelled(group, JobMetric.SUSPECT_EVENTS, "feature-type");
    farTime = labelled(group, JobMetric.SUSPECT_EVENTS, "far-time");
    championNonFinite = labelled(group, JobMetric.NON_FINITE_OUTPUTS, ServedBy.CHAMPION.code());
    challengerNonFinite = labelled(group, JobMetric.NON_FINITE_OUTPUTS, ServedBy.CHALLENGER.code());
    group.gauge(JobMetric.CHAMPION_MEAN_LOSS.code(), championLoss);
    group.gauge(JobMetric.CHALLENGER_MEAN_LOSS.code(), challengerLoss);
    group.gauge(JobMetric.SERVED_MEAN_LOSS.code(), servedLoss);
    group.gauge(JobMetric.MEAN_OUTCOME_DELAY.code(), outcomeDelay);
    group.gauge(
        JobMetric.CHAMPION_VERSION.code(), (Gauge<Integer>) () -> championVersion.getAsInt());
    group.gauge(JobMetric.TRANSACTION_TIMEOUT.code(), (Gauge<Long>) () -> transactionTimeoutMs);
  }

  private static Counter labelled(MetricGroup group, JobMetric metric, String value) {
    return group.addGroup(Objects.requireNonNull(metric.label()), value).counter(metric.code());
  }

  /** Counts an observation that was answered. */
  void predicted(Pending.Predicted prediction) {
    predictions.inc();
    double[] champion = prediction.championOutputs();
    if (champion != null && !isFinite(champion)) {
      championNonFinite.inc();
    }
    if (!isFinite(prediction.challengerOutputs())) {
      challengerNonFinite.inc();
    }
  }

  private static boolean isFinite(double[] outputs) {
    for (double output : outputs) {
      if (!Double.isFinite(output)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Counts an outcome that met its observation, and its result.
   *
   * @param earlier the key's losses before this one; null if it says nothing of the key's model.
   *     Compared with them, and summed over all tasks, even a small change of all keys is seen
   */
  void evaluated(Evaluation evaluation, boolean learning, PageHinkley.@Nullable State earlier) {
    evaluations.inc();
    if (learning) {
      (evaluation.learned() ? updates : refusedUpdates).inc();
    } else {
      pausedUpdates.inc();
    }
    Scored champion = evaluation.champion();
    Scored challenger = evaluation.challenger();
    challengerLoss.add(challenger.loss());
    if (earlier != null && PageHinkley.isStandard(earlier)) {
      comparedLosses.inc();
      comparedLossSum.add(PageHinkley.CLIP + PageHinkley.standardised(earlier, challenger.loss()));
    }
    if (champion != null) {
      championLoss.add(champion.loss());
    }
    servedLoss.add(evaluation.served().loss());
    outcomeDelay.add((double) evaluation.delayMs());
  }

  /** Counts the suspect properties of an accepted event. */
  void looked(FeatureWatch.Findings findings) {
    if (findings.newFeature) {
      newFeature.inc();
    }
    if (findings.otherType) {
      otherType.inc();
    }
    if (findings.farTime) {
      farTime.inc();
    }
  }

  void deadLetter(Reason reason) {
    Objects.requireNonNull(deadLetters.get(reason)).inc();
  }

  /** Of numbers that are not negative. As below, a reporter may see the last one later. */
  private static final class GrowingSum implements Gauge<Double> {

    private double sum;

    void add(double value) {
      sum += value;
    }

    @Override
    public Double getValue() {
      return sum;
    }
  }

  /**
   * A mean that forgets: a value counts .999 to the power of how many came after it (Gama,
   * Sebastião and Rodrigues 2013), so it is that of about the last 1,000. NaN before the first
   * value.
   *
   * <p>The task's thread adds, a reporter's thread reads: it may see one value in the sum that is
   * not yet in the weight, a thousandth of it.
   */
  static final class FadingMean implements Gauge<Double> {

    private static final double FADING = 0.999;

    private double sum;
    private double weight;

    void add(double value) {
      sum = FADING * sum + value;
      weight = FADING * weight + 1;
    }

    @Override
    public Double getValue() {
      return sum / weight;
    }
  }
}

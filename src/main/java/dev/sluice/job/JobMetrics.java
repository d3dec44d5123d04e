package dev.sluice.job;

import dev.sluice.event.Evaluation;
import dev.sluice.event.Reason;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counts what the keyed operator does, under the group {@code sluice}. Used by the task's thread.
 */
final class JobMetrics {

  final Counter predictions;
  final Counter evaluations;
  final Counter updates;
  final Counter refusedUpdates;

  /** Outcomes that were evaluated while learning was paused. */
  final Counter pausedUpdates;

  /** Observations put off while scoring was paused. */
  final Counter deferred;

  /** Times that a key's losses have become larger. */
  final Counter driftAlarms;

  final Counter commandsAccepted;
  final Counter commandsRejected;

  /** Observations dropped from state because no outcome came in time. */
  final Counter outcomesMissed;

  private final Map<Reason, Counter> deadLetters = new EnumMap<>(Reason.class);

  JobMetrics(MetricGroup operator) {
    MetricGroup group = operator.addGroup("sluice");
    predictions = group.counter("predictions");
    evaluations = group.counter("evaluations");
    updates = group.counter("updates");
    refusedUpdates = group.counter("refusedUpdates");
    pausedUpdates = group.counter("pausedUpdates");
    deferred = group.counter("deferred");
    driftAlarms = group.counter("driftAlarms");
    commandsAccepted = group.counter("commandsAccepted");
    commandsRejected = group.counter("commandsRejected");
    outcomesMissed = group.counter("outcomesMissed");
    for (Reason reason : Reason.values()) {
      deadLetters.put(reason, group.addGroup("reason", reason.code()).counter("deadLetters"));
    }
  }

  /** Counts an outcome that met its observation, and what became of it. */
  void evaluated(Evaluation evaluation, boolean learning) {
    evaluations.inc();
    if (learning) {
      (evaluation.learned() ? updates : refusedUpdates).inc();
    } else {
      pausedUpdates.inc();
    }
  }

  void deadLetter(Reason reason) {
    Objects.requireNonNull(deadLetters.get(reason)).inc();
  }
}

package dev.sluice.job;

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

  /** Observations dropped from state because no outcome came in time. */
  final Counter outcomesMissed;

  private final Map<Reason, Counter> deadLetters = new EnumMap<>(Reason.class);

  JobMetrics(MetricGroup operator) {
    MetricGroup group = operator.addGroup("sluice");
    predictions = group.counter("predictions");
    evaluations = group.counter("evaluations");
    updates = group.counter("updates");
    refusedUpdates = group.counter("refusedUpdates");
    outcomesMissed = group.counter("outcomesMissed");
    for (Reason reason : Reason.values()) {
      deadLetters.put(reason, group.addGroup("reason", reason.code()).counter("deadLetters"));
    }
  }

  void deadLetter(Reason reason) {
    Objects.requireNonNull(deadLetters.get(reason)).inc();
  }
}

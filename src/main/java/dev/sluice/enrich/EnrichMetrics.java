package dev.sluice.enrich;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Counts what a task looks up, under the group {@code sluice.enrich}. Used by many threads. */
final class EnrichMetrics {

  private static final int LATENCIES = 1000;

  final Counter lookups;
  final Counter failures;
  final Counter unknown;
  final Counter retries;

  /** Of a whole lookup, milliseconds. */
  final Histogram latencyMs;

  final AtomicInteger inFlight = new AtomicInteger();

  private final MetricGroup group;

  EnrichMetrics(MetricGroup operator) {
    group = operator.addGroup("sluice").addGroup("enrich");
    lookups = group.counter("lookups", new ThreadSafeSimpleCounter());
    failures = group.counter("failures", new ThreadSafeSimpleCounter());
    unknown = group.counter("unknown", new ThreadSafeSimpleCounter());
    retries = group.counter("retries", new ThreadSafeSimpleCounter());
    latencyMs = group.histogram("latencyMs", new DescriptiveStatisticsHistogram(LATENCIES));
    Gauge<Integer> waiting = inFlight::get;
    group.gauge("inFlight", waiting);
  }

  /**
   * @param state 0 closed, 1 open, 2 half-open
   */
  void breaker(IntSupplier state) {
    Gauge<Integer> gauge = state::getAsInt;
    group.gauge("breakerState", gauge);
  }
}

package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.stop.Step;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The guard's figures for Prometheus, under their own names: a job's own series vanish with it,
 * these stay. Each is read where it is known at the time of a scrape; what is not known is NaN.
 */
final class GuardMetrics implements AutoCloseable {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Guard guard;
  private final JobPoll poll;
  private final Clock clock;
  private final Counter webhookFailures =
      counter(
          "sluice.guard.webhook.failures", "Events that the webhook did not take", Tags.empty());
  private final Counter commandFailures =
      counter(
          "sluice.guard.on.step.failures",
          "Runs of the --on-step command that failed, were killed or left out",
          Tags.empty());

  GuardMetrics(
      Duration grace,
      Guard guard,
      JobPoll poll,
      Rehearsals rehearsals,
      OutputWatch output,
      Clock clock) {
    this.guard = guard;
    this.poll = poll;
    this.clock = clock;
    // There from the first scrape on, so that a first one is seen.
    Signals.STOPPING.forEach(this::signals);
    signals(Signals.DETACHING);
    stops(grace);
    job();
    rehearsals(rehearsals);
    output(output);
  }

  private void stops(Duration grace) {
    gauge("sluice.stop.grace.seconds", "How long a savepoint may take", grace::toSeconds);
    gauge(
        "sluice.stop.savepoint.bytes",
        "Size of the last stop's savepoint, as far as it is known",
        of(guard::stop, StopProgress::savepointBytes));
    for (Step step : Step.values()) {
      gauge(
          "sluice.stop.step.duration.seconds",
          "How long a step of the last stop took",
          Tags.of("step", step.code()),
          of(guard::stop, stop -> stop.seconds(step)));
    }
    for (String code : StopResult.Kind.codes()) {
      gauge(
          "sluice.stop.outcome",
          "1 for how the last stop ended, 0 for every other way",
          Tags.of("outcome", code),
          () -> {
            StopEnd end = guard.lastEnd();
            return end != null && end.result().kind().code().equals(code) ? 1 : 0;
          });
    }
    gauge(
        "sluice.stop.in.progress",
        "1 while a stop is in progress",
        () -> guard.isStopping() ? 1 : 0);
    gauge(
        "sluice.stop.elapsed.seconds",
        "Time since the stop in progress began",
        of(guard::stop, stop -> stop.isOver() ? Double.NaN : age(stop.startedAt())));
    gauge(
        "sluice.stop.start.timestamp.seconds",
        "When the last stop began, or the one in progress",
        of(guard::stop, stop -> time(stop.startedAt())));
    gauge(
        "sluice.stop.end.timestamp.seconds",
        "When the last stop ended",
        of(guard::lastEnd, end -> time(end.at())));
    gauge(
        "sluice.stop.receipt.timestamp.seconds",
        "When this guard last got a receipt",
        of(guard::lastReceiptAt, GuardMetrics::time));
    gauge(
        "sluice.guard.job.expected",
        "1 if the job was seen to run and no stop of this guard has taken it away since",
        () -> isExpected() ? 1 : 0);
  }

  private boolean isExpected() {
    Instant ran = poll.lastRunningAt();
    StopEnd end = guard.lastEnd();
    return ran != null
        && !(end != null && end.result().kind().isStopped() && !ran.isAfter(end.at()));
  }

  private void job() {
    gauge(
        "sluice.guard.job.running",
        "1 while the job runs",
        of(poll::last, seen -> seen.isRunning() ? 1 : 0));
    gauge(
        "sluice.guard.jobmanager.up",
        "1 if the JobManager answered when it was last asked",
        of(poll::last, seen -> seen.answered() ? 1 : 0));
    gauge(
        "sluice.guard.source.lag.records",
        "Records in Kafka that the job has not read",
        of(poll::last, ObservedJob::sourceLag));
    gauge(
        "sluice.guard.records.per.second",
        "Records that reach the models each second",
        of(poll::last, ObservedJob::recordsPerSecond));
    gauge(
        "sluice.guard.last.checkpoint.age.seconds",
        "Time since the job's last completed checkpoint",
        of(poll::last, seen -> age(seen.checkpointAt())));
  }

  private void rehearsals(Rehearsals rehearsals) {
    gauge(
        "sluice.guard.stop.possible",
        "1 if a stop would begin, 0 if it would be refused, by the last rehearsal",
        of(rehearsals::last, verdict -> verdict.good() ? 1 : 0));
    gauge(
        "sluice.guard.rehearsal.age.seconds",
        "Time since the stop was last rehearsed",
        of(rehearsals::last, verdict -> age(verdict.at())));
  }

  private void output(OutputWatch output) {
    gauge(
        "sluice.guard.open.transactions",
        "Transactions of the job that have not ended; while it runs, those since its last checkpoint",
        of(output::last, OutputWatch.Sight::openTransactions));
    gauge(
        "sluice.guard.oldest.transaction.age.seconds",
        "Age of the oldest of them; 0 if there is none",
        of(output::last, OutputWatch.Sight::oldestSeconds));
    gauge(
        "sluice.guard.output.held.back.records",
        "Offsets of the output topics beyond the last stable ones: not there yet for read_committed",
        of(output::last, OutputWatch.Sight::heldBack));
    gauge(
        "sluice.guard.output.held.back.seconds",
        "For how long a last stable offset has stood still with more behind it; 0 if none does",
        of(output::last, OutputWatch.Sight::heldBackSeconds));
  }

  private void gauge(String name, String help, Supplier<Number> figure) {
    gauge(name, help, Tags.empty(), figure);
  }

  private void gauge(String name, String help, Tags tags, Supplier<Number> figure) {
    Gauge.builder(name, figure)
        .description(help)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** A figure of what is known now; NaN while nothing is, or not that figure. */
  private static <T> Supplier<Number> of(
      Supplier<@Nullable T> known, Function<T, @Nullable Number> figure) {
    return () -> {
      T now = known.get();
      Number value = now == null ? null : figure.apply(now);
      return value == null ? Double.NaN : value;
    };
  }

  private double age(@Nullable Instant then) {
    return then == null ? Double.NaN : Duration.between(then, clock.instant()).toMillis() / 1e3;
  }

  private static double time(Instant then) {
    return then.toEpochMilli() / 1e3;
  }

  private Counter counter(String name, String help, Tags tags) {
    return Counter.builder(name).description(help).tags(tags).register(registry);
  }

  private Counter signals(String signal) {
    return counter(
        "sluice.guard.signals", "Signals that reached the guard", Tags.of("signal", signal));
  }

  void signalled(String signal) {
    signals(signal).increment();
  }

  void webhookFailed() {
    webhookFailures.increment();
  }

  void commandFailed() {
    commandFailures.increment();
  }

  /** The text that Prometheus reads. */
  String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    registry.close();
  }
}

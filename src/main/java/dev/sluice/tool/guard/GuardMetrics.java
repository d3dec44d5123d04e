package dev.sluice.tool.guard;

import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StopEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The guard's figures for Prometheus, under their own names: a job's own series vanish with it,
 * these stay. What is not known is NaN.
 */
final class GuardMetrics implements Callback {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Clock clock;
  private final Map<Step, Double> stepSeconds = new EnumMap<>(Step.class);
  private final Counter webhookFailures;
  private final Counter commandFailures;
  private volatile double savepointBytes = Double.NaN;
  private volatile @Nullable StopEnd end;
  private volatile @Nullable Instant receiptAt;
  private volatile @Nullable Instant lastRunningAt;

  GuardMetrics(Clock clock, Duration grace) {
    this.clock = clock;
    webhookFailures =
        Counter.builder("sluice.guard.webhook.failures")
            .description("Events that the webhook did not take")
            .register(registry);
    commandFailures =
        Counter.builder("sluice.guard.on.step.failures")
            .description("Runs of the --on-step command that failed, were killed or left out")
            .register(registry);
    gauge("sluice.stop.grace.seconds", "How long a savepoint may take", grace::toSeconds);
    gauge(
        "sluice.stop.savepoint.bytes",
        "Size of the last stop's savepoint, as far as it is known",
        () -> savepointBytes);
    // There from the first scrape on, so that a first one is seen.
    Signals.STOPPING.forEach(this::signals);
    signals(Signals.DETACHING);
    for (Step step : Step.values()) {
      Gauge.builder("sluice.stop.step.duration.seconds", this, all -> all.seconds(step))
          .description("How long a step of the last stop took")
          .tag("step", step.code())
          .strongReference(true)
          .register(registry);
    }
    for (String code : StopEnd.CODES) {
      Gauge.builder("sluice.stop.outcome", this, all -> all.isOutcome(code))
          .description("1 for how the last stop ended, 0 for every other way")
          .tag("outcome", code)
          .strongReference(true)
          .register(registry);
    }
  }

  /**
   * Shows what the guard knows each time it is asked.
   *
   * @param stop the stop that is under way, or else the last one
   */
  void watch(Supplier<@Nullable ObservedJob> sight, Supplier<@Nullable StopProgress> stop) {
    stops(stop);
    job(sight, "running", "1 while the job runs", seen -> seen.isRunning() ? 1 : 0);
    job(
        sight,
        "jobmanager.up",
        "1 if the JobManager answered when it was last asked",
        seen -> seen.answered() ? 1 : 0);
    job(
        sight,
        "source.lag.records",
        "Records in Kafka that the job has not read",
        seen -> value(seen.sourceLag()));
    job(
        sight,
        "records.per.second",
        "Records that reach the models each second",
        seen -> value(seen.recordsPerSecond()));
    job(
        sight,
        "last.checkpoint.age.seconds",
        "Time since the job's last completed checkpoint",
        seen -> age(seen.checkpointAt()));
  }

  private void stops(Supplier<@Nullable StopProgress> stop) {
    gauge(
        "sluice.stop.in.progress",
        "1 while a stop is in progress",
        () -> isUnderWay(stop.get()) ? 1 : 0);
    gauge(
        "sluice.stop.elapsed.seconds",
        "Time since the stop in progress began",
        () -> {
          StopProgress now = stop.get();
          return now != null && isUnderWay(now) ? age(now.startedAt()) : Double.NaN;
        });
    gauge(
        "sluice.stop.start.timestamp.seconds",
        "When the last stop began, or the one in progress",
        () -> {
          StopProgress last = stop.get();
          return time(last == null ? null : last.startedAt());
        });
    gauge(
        "sluice.stop.end.timestamp.seconds",
        "When the last stop ended",
        () -> {
          StopEnd last = end;
          return time(last == null ? null : last.at());
        });
    gauge(
        "sluice.stop.receipt.timestamp.seconds",
        "When this guard last got a receipt",
        () -> time(receiptAt));
    gauge(
        "sluice.guard.job.expected",
        "1 if the job was seen to run and no stop of this guard has taken it away since",
        () -> isExpected() ? 1 : 0);
  }

  private static boolean isUnderWay(@Nullable StopProgress stop) {
    return stop != null && !stop.isOver();
  }

  private boolean isExpected() {
    Instant ran = lastRunningAt;
    StopEnd last = end;
    return ran != null && !(last != null && last.isStopped() && !ran.isAfter(last.at()));
  }

  /** The job was polled. */
  void seen(@Nullable ObservedJob sight) {
    if (sight != null && sight.isRunning()) {
      lastRunningAt = sight.at();
    }
  }

  /** Shows what the last rehearsal found. */
  void watch(Supplier<Rehearsals.@Nullable Verdict> verdict) {
    gauge(
        "sluice.guard.stop.possible",
        "1 if a stop would begin, 0 if it would be refused, by the last rehearsal",
        () -> {
          Rehearsals.Verdict last = verdict.get();
          return last == null ? Double.NaN : last.good() ? 1 : 0;
        });
    gauge(
        "sluice.guard.rehearsal.age.seconds",
        "Time since the stop was last rehearsed",
        () -> {
          Rehearsals.Verdict last = verdict.get();
          return age(last == null ? null : last.at());
        });
  }

  /** Shows how the job's output was seen. */
  void watchOutput(Supplier<@Nullable OutputSight> output) {
    output(
        output,
        "open.transactions",
        "Transactions of the job that have not ended; while it runs, those since its last checkpoint",
        OutputSight::openTransactions);
    output(
        output,
        "oldest.transaction.age.seconds",
        "Age of the oldest of them; 0 if there is none",
        OutputSight::oldestSeconds);
    output(
        output,
        "output.held.back.records",
        "Offsets of the output topics beyond the last stable ones: not there yet for read_committed",
        OutputSight::heldBack);
    output(
        output,
        "output.held.back.seconds",
        "For how long a last stable offset has stood still with more behind it; 0 if none does",
        OutputSight::heldBackSeconds);
  }

  private void output(
      Supplier<@Nullable OutputSight> output,
      String name,
      String help,
      ToDoubleFunction<OutputSight> figure) {
    gauge(
        "sluice.guard." + name,
        help,
        () -> {
          OutputSight seen = output.get();
          return seen == null ? Double.NaN : figure.applyAsDouble(seen);
        });
  }

  private void job(
      Supplier<@Nullable ObservedJob> sight,
      String name,
      String help,
      ToDoubleFunction<ObservedJob> figure) {
    String full = "sluice.guard." + (name.equals("running") ? "job.running" : name);
    gauge(
        full,
        help,
        () -> {
          ObservedJob seen = sight.get();
          return seen == null ? Double.NaN : figure.applyAsDouble(seen);
        });
  }

  private void gauge(String name, String help, Supplier<Number> figure) {
    Gauge.builder(name, figure).description(help).strongReference(true).register(registry);
  }

  private static double value(@Nullable Number figure) {
    return figure == null ? Double.NaN : figure.doubleValue();
  }

  private double age(@Nullable Instant then) {
    return then == null ? Double.NaN : Duration.between(then, clock.instant()).toMillis() / 1e3;
  }

  private static double time(@Nullable Instant then) {
    return then == null ? Double.NaN : then.toEpochMilli() / 1e3;
  }

  private double seconds(Step step) {
    synchronized (stepSeconds) {
      return stepSeconds.getOrDefault(step, Double.NaN);
    }
  }

  private double isOutcome(String code) {
    StopEnd last = end;
    return last != null && last.code().equals(code) ? 1 : 0;
  }

  void signalled(String signal) {
    signals(signal).increment();
  }

  private Counter signals(String signal) {
    return Counter.builder("sluice.guard.signals")
        .description("Signals that reached the guard")
        .tag("signal", signal)
        .register(registry);
  }

  void webhookFailed() {
    webhookFailures.increment();
  }

  void commandFailed() {
    commandFailures.increment();
  }

  @Override
  public void on(StopEvent event) {
    if (event instanceof StopEvent.Ended ended) {
      synchronized (stepSeconds) {
        stepSeconds.put(ended.step(), ended.took().toMillis() / 1e3);
      }
    } else if (event instanceof StopEvent.Progress progress) {
      Long bytes = progress.figures().get("bytes");
      savepointBytes = bytes == null ? savepointBytes : bytes;
    } else if (event.step() == Step.PREFLIGHT) {
      savepointBytes = Double.NaN;
      synchronized (stepSeconds) {
        stepSeconds.clear();
      }
    }
  }

  @Override
  public void ended(StopEnd stop) {
    end = stop;
    if (stop.receipt() != null) {
      receiptAt = stop.at();
    }
    if (stop.receipt() != null && stop.receipt().snapshot() != null) {
      savepointBytes = stop.receipt().snapshot().bytes();
    }
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

package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.OutputEnds;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.IsolationLevel;

/**
 * What the restore fence costs on a local cluster of its own, off against suppress: records a
 * second while it runs, and milliseconds of a restore that finds a million answers since the
 * snapshot.
 *
 * <p>{@code mvn -q test-compile exec:java -Dexec.mainClass=dev.sluice.bench.FenceBench
 * -Dexec.classpathScope=test [-Dexec.args="EVENTS RUNS RESTORES"]}, after {@code mvn package}.
 */
public final class FenceBench {

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final List<String> MODES = List.of("off", "suppress");

  private final LocalCluster cluster;
  private final FlinkRest rest;
  private final String broker;
  private final long events;

  private FenceBench(LocalCluster cluster, long events) {
    this.cluster = cluster;
    this.rest = new FlinkRest(cluster.rest().toString());
    this.broker = cluster.bootstrapServers();
    this.events = events;
  }

  /** Runs it: how many events (1,000,000), how many pairs of runs (5) and of restores (5). */
  public static void main(String[] args) throws Exception {
    long events = args.length > 0 ? Long.parseLong(args[0]) : 1_000_000;
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    int restores = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    Path directory = Path.of("target", "bench-cluster");
    try (LocalCluster cluster =
        LocalCluster.startEmpty(directory, LocalCluster.firstTestOffset() + 900, 1, 4)) {
      new FenceBench(cluster, events).run(runs, restores);
    }
  }

  private void run(int runs, int restores) throws Exception {
    String run = "bench";
    JobTopics filled = JobTopics.named(run).create(broker, 4);
    try (TrafficRun traffic =
        TrafficRun.start(
            broker,
            new SeededTraffic(1, 1_000, TargetKind.LABELS),
            filled.events(),
            events,
            1 << 30)) {
      System.out.printf("%,d events in the input%n", traffic.await().sent());
    }
    if (runs > 0) {
      throughput(run, filled, runs);
    }
    if (restores > 0) {
      restores(run, filled, restores);
    }
  }

  private void throughput(String run, JobTopics filled, int pairs) throws Exception {
    List<Double> ratios = new ArrayList<>();
    for (int pair = 0; pair <= pairs; pair++) {
      double[] rates = new double[2];
      for (int i = 0; i < 2; i++) {
        int mode = (pair + i) % 2; // Each mode goes first every other time.
        rates[mode] = rate(spec(run + "-" + pair, filled, MODES.get(mode), "2 s"));
      }
      String note = pair == 0 ? " (warm-up, not counted)" : "";
      System.out.printf(
          Locale.ROOT,
          "pair %d: off %,.0f/s, suppress %,.0f/s%s%n",
          pair,
          rates[0],
          rates[1],
          note);
      if (pair > 0) {
        ratios.add(rates[1] / rates[0]);
      }
    }
    System.out.printf(Locale.ROOT, "suppress : off, median %.3f of %s%n", median(ratios), ratios);
  }

  /** Records a second between the first tenth and the last. */
  private double rate(JobSpec spec) throws Exception {
    JobUnderTest job = new JobUnderTest(cluster, spec);
    job.run(2);
    OutputEnds ends = new OutputEnds(broker, spec.topics());
    double[] at = new double[2];
    long[] seen = new long[2];
    for (int i = 0; i < 2; i++) {
      long goal = events * (i == 0 ? 1 : 9) / 10;
      while (seen[i] < goal) {
        seen[i] = ends.sum(IsolationLevel.READ_UNCOMMITTED);
      }
      at[i] = System.nanoTime() / 1e9;
    }
    job.cancel();
    return (seen[1] - seen[0]) / (at[1] - at[0]);
  }

  private void restores(String run, JobTopics filled, int pairs) throws Exception {
    JobSpec once = spec(run + "-restore", filled, "suppress", "10 min");
    JobUnderTest job = new JobUnderTest(cluster, once);
    job.run(2);
    OutputEnds ends = new OutputEnds(broker, once.topics());
    Eventually.until(
        "every event is answered",
        LIMIT,
        () -> ends.sum(IsolationLevel.READ_UNCOMMITTED) >= events);
    String savepoint = job.stop();
    List<List<Double>> times = List.of(new ArrayList<>(), new ArrayList<>());
    for (int pair = 0; pair <= pairs; pair++) {
      for (int mode = 0; mode < 2; mode++) {
        JobUnderTest again =
            new JobUnderTest(cluster, once.set("sluice.restore-fence", MODES.get(mode)));
        again.resume(2, savepoint);
        if (pair > 0) {
          times.get(mode).add(initialisingMs(again.id()));
        }
        again.cancel();
      }
    }
    System.out.printf(
        Locale.ROOT,
        "task initialisation at a restore, %,d answers since the snapshot: off %.0f ms %s, suppress %.0f ms %s%n",
        events,
        median(times.get(0)),
        times.get(0),
        median(times.get(1)),
        times.get(1));
  }

  /** How long the slowest subtask with the fence took from its deployment to its first record. */
  private double initialisingMs(String jobId) throws Exception {
    JsonNode vertices = rest.get("/jobs/" + jobId).path("vertices");
    String vertex = vertices.path(vertices.size() - 1).path("id").asText();
    double slowest = 0;
    for (JsonNode subtask : rest.get("/jobs/" + jobId + "/vertices/" + vertex).path("subtasks")) {
      slowest = Math.max(slowest, subtask.path("status-duration").path("INITIALIZING").asDouble());
    }
    return slowest;
  }

  private JobSpec spec(String name, JobTopics filled, String mode, String interval)
      throws Exception {
    String full = name + "-" + mode;
    return JobSpec.named(full, JobTopics.reading(filled.events(), full).create(broker, 4))
        .flink("execution.checkpointing.interval", interval)
        .flink("execution.checkpointing.tolerable-failed-checkpoints", "0")
        .set("sluice.sink.transaction-timeout", "15 min")
        .set("sluice.restore-fence", mode);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}

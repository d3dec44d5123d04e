package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What the proof costs: {@code flink stop} until the job is FINISHED against {@code sluice stop}
 * until the receipt is written, in pairs on one job under load, as whole commands.
 *
 * <p>{@code mvn -q test-compile exec:java -Dexec.mainClass=dev.sluice.bench.StopBench
 * -Dexec.classpathScope=test [-Dexec.args="PAIRS"]}, after {@code mvn package}.
 */
public final class StopBench {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = "stop-bench";

  private StopBench() {}

  /** Runs it: how many pairs (5). */
  public static void main(String[] args) throws Exception {
    int pairs = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    Path directory = Path.of("target", "bench-cluster");
    try (LocalCluster cluster =
        LocalCluster.startEmpty(directory, LocalCluster.firstTestOffset() + 900, 1, 4)) {
      String broker = cluster.bootstrapServers();
      JobSpec spec =
          JobSpec.named(NAME, JobTopics.named(NAME).create(broker, 4))
              .flink("execution.checkpointing.interval", "2 s")
              .set("sluice.sink.transaction-timeout", "15 min");
      try (TrafficRun traffic =
          TrafficRun.start(
              broker,
              new SeededTraffic(1, 1_000, TargetKind.LABELS),
              spec.topics().events(),
              Long.MAX_VALUE,
              2_000)) {
        run(cluster, new JobUnderTest(cluster, spec), pairs);
        traffic.stop();
      }
    }
  }

  private static void run(LocalCluster cluster, JobUnderTest job, int pairs) throws Exception {
    List<Double> whole = new ArrayList<>();
    List<Double> proofs = new ArrayList<>();
    job.run(2);
    for (int pair = 0; pair <= pairs; pair++) {
      double[] seconds = new double[2];
      double proof = 0;
      for (int i = 0; i < 2; i++) {
        int mode = (pair + i) % 2; // Each goes first every other time.
        job.awaitCheckpoints(3);
        long start = System.nanoTime();
        String saved;
        if (mode == 0) {
          saved = job.stop();
        } else {
          JsonNode reported =
              JSON.readTree(
                  cluster
                      .sluice("stop", job.id(), "--grace", "2m", "-o", "json")
                      .requireSuccess()
                      .stdout());
          saved = reported.path("receipt").path("snapshot").path("uri").asText();
          proof = fromRequestToReceipt(reported.path("receipt"));
        }
        seconds[mode] = (System.nanoTime() - start) / 1e9;
        job.resume(2, saved);
      }
      System.out.printf(
          Locale.ROOT,
          "pair %d: flink stop %.2f s, sluice stop %.2f s, of it %.2f s from the request to the receipt%s%n",
          pair,
          seconds[0],
          seconds[1],
          proof,
          pair == 0 ? " (warm-up, not counted)" : "");
      if (pair > 0) {
        whole.add(seconds[1] / seconds[0]);
        proofs.add(proof);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "sluice stop : flink stop, median %.2f of %s; request to receipt, median %.2f s%n",
        median(whole),
        whole,
        median(proofs));
    job.cancel();
  }

  private static double fromRequestToReceipt(JsonNode receipt) {
    Instant requested = Instant.parse(receipt.path("steps").path(1).path("startedAt").asText());
    Instant proved = Instant.parse(receipt.path("endedAt").asText());
    return (proved.toEpochMilli() - requested.toEpochMilli()) / 1e3;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}

package dev.sluice.bench.stop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.bench.stop.Way.Format;
import dev.sluice.bench.throughput.BenchStream;
import dev.sluice.bench.throughput.Workplace;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.Lag;
import dev.sluice.support.cluster.LocalCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The job on the cluster: filled, stopped in each way, resumed. */
final class SluiceSide {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = "stop-sluice";
  private static final Duration FILLING = Duration.ofMinutes(30);

  /** The tool's heap, at most. */
  private static final int HEAP_MIB = 512;

  private final LocalCluster cluster;
  private final JobSpec spec;

  /** Of the last stop; empty before the first. */
  private String savepoint = "";

  SluiceSide(LocalCluster cluster) throws Exception {
    this.cluster = cluster;
    JobSpec given =
        JobSpec.named(
                NAME, JobTopics.named(NAME).create(cluster.bootstrapServers(), Observed.PARTITIONS))
            .flink("execution.checkpointing.interval", Workplace.COMMIT_MS + " ms")
            .flink("execution.checkpointing.min-pause", "0 ms")
            .flink("execution.checkpointing.timeout", "5 min");
    Map<String, String> settings =
        Workplace.jobSettings(cluster.bootstrapServers(), NAME, given.topics());
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      given = given.set(setting.getKey(), setting.getValue());
    }
    this.spec = given;
  }

  JobTopics topics() {
    return spec.topics();
  }

  /** Gives each of these keys a model. */
  void fill(int first, int end) throws Exception {
    JobUnderTest job = resumed();
    SteadyLoad.sendAll(
        cluster.bootstrapServers(),
        topics().events(),
        BenchStream.ofEachKey(first, end, System.currentTimeMillis()));
    Lag.awaitNone(cluster.bootstrapServers(), NAME, topics().events(), FILLING);
    stop(job);
  }

  /** Takes the job up again where it was stopped, by Flink's own means. */
  JobUnderTest resumed() throws Exception {
    JobUnderTest job = new JobUnderTest(cluster, spec);
    if (savepoint.isEmpty()) {
      job.run(Observed.PARTITIONS);
    } else {
      job.resume(Observed.PARTITIONS, savepoint);
    }
    return job;
  }

  private String flinkStop(JobUnderTest job, Format format) throws Exception {
    String folder = cluster.directoryUri() + "/savepoints";
    return cluster.flinkRest().stop(job.id(), folder, format.name());
  }

  /** Stops it with Flink's REST interface and resumes it with Flink's command line. */
  JobUnderTest restart(
      JobUnderTest job, Format format, Observed observed, Map<Figure, Double> figures)
      throws Exception {
    long requested = System.nanoTime();
    String made = flinkStop(job, format);
    figures.put(Figure.ENDED, (System.nanoTime() - requested) / 1e9);
    stopped(made);
    JobUnderTest again = resumed();
    figures.put(Figure.SILENT, observed.silence(requested));
    return again;
  }

  /** Stops it, unmeasured. */
  void stop(JobUnderTest job) throws Exception {
    stopped(flinkStop(job, Format.NATIVE));
  }

  /** Stops and resumes it with the tool. */
  JobUnderTest drill(
      JobUnderTest job, Format format, Observed observed, Map<Figure, Double> figures)
      throws Exception {
    long requested = System.nanoTime();
    ToolRun run =
        ToolRun.of(
            cluster,
            HEAP_MIB,
            "drill",
            job.id(),
            "--grace",
            "5m",
            "--proof-patience",
            "5m",
            "--type",
            format.name().toLowerCase(Locale.ROOT));
    figures.put(Figure.SILENT, observed.silence(requested));
    figures.put(Figure.REPORTED, run.printed().path("downtimeMs").asLong() / 1e3);
    JsonNode receipt = JSON.readTree(Path.of(run.printed().path("receiptFile").asText()).toFile());
    figures.putAll(ofReceipt(receipt, run));
    stopped(receipt.path("snapshot").path("uri").asText());
    return JobUnderTest.running(cluster, spec, run.printed().path("jobId").asText());
  }

  /** What a receipt says of the stop's time and savepoint. */
  static Map<Figure, Double> ofReceipt(JsonNode receipt, ToolRun run) {
    Map<String, Instant> begun = new HashMap<>();
    receipt
        .path("steps")
        .forEach(
            step ->
                begun.put(
                    step.path("step").asText(), Instant.parse(step.path("startedAt").asText())));
    Instant requested = begun.get("request");
    Instant finished = begun.get("committed");
    if (requested == null
        || finished == null
        || !receipt.path("outcome").asText().equals("proved")) {
      throw new IllegalStateException("no receipt of a proved stop: " + receipt);
    }
    Instant proved = Instant.parse(receipt.path("endedAt").asText());
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.ENDED, Duration.between(requested, finished).toMillis() / 1e3);
    figures.put(Figure.PROVED, Duration.between(requested, proved).toMillis() / 1e3);
    figures.put(Figure.SAVED, receipt.path("snapshot").path("bytes").asDouble());
    figures.put(Figure.FILES, (double) receipt.path("snapshot").path("files").size());
    figures.put(Figure.HEAP, (double) run.heapBytes());
    figures.put(Figure.MEMORY, (double) run.memoryBytes());
    return figures;
  }

  /** Keeps the new savepoint and deletes the one before, from which no job is started any more. */
  private void stopped(String made) throws IOException {
    String before = savepoint;
    savepoint = made;
    if (before.isEmpty()) {
      return;
    }
    try (Stream<Path> files = Files.walk(Path.of(URI.create(before).getPath()))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

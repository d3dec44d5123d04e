package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.cluster.ToolProcess;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.OutputKind;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Application mode without an operator: the JobManager ends with its job, in the middle of the
 * stop. The tool is killed at each of its steps, and the same command proves the stop, or names the
 * receipt that the killed one had written.
 */
@Tag("operations")
class ApplicationStopIT {

  private static final int OFFSET = LocalCluster.firstTestOffset() + 900;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern RECEIPT =
      Pattern.compile("ended at \\S+ as proved: see (\\S+\\.json)");

  /** As the cluster makes them. */
  private static final JobTopics TOPICS =
      new JobTopics(
          "sluice.events",
          "sluice.predictions",
          "sluice.evaluations",
          "sluice.deferred",
          "sluice.dead-letters",
          "sluice.control",
          "sluice.control-log");

  private static final JobSpec SPEC =
      JobSpec.small("application-stop", TOPICS).set("sluice.sink.transaction-timeout", "10 min");

  @TempDir private Path directory;

  @AfterEach
  void stop() {
    LocalCluster.unstarted(directory.resolve("cluster"), OFFSET).stop();
  }

  @Test
  void aStopKilledAtAnyStepIsProvedByTheSameCommand() throws Exception {
    LocalCluster cluster = start("");
    String savepoint = "";
    try (TrafficRun traffic =
        TrafficRun.start(
            cluster.bootstrapServers(),
            new SeededTraffic(23, 50, TargetKind.LABELS),
            TOPICS.events(),
            Long.MAX_VALUE,
            300)) {
      for (Step step : Step.values()) {
        if (!savepoint.isEmpty()) {
          cluster.stop();
          cluster = start(savepoint);
        }
        List<String> jobs = cluster.flinkRest().jobs();
        assertThat(jobs).hasSize(1);
        cluster.flinkRest().awaitRunning(jobs.get(0));
        cluster.flinkRest().awaitCheckpoints(jobs.get(0), 1);
        savepoint = stopKilledAt(step, cluster);
      }
      cluster.stop();
      check(start(savepoint), traffic);
    }
  }

  /** The savepoint. */
  private String stopKilledAt(Step step, LocalCluster cluster) throws Exception {
    try (ToolProcess doomed = ToolProcess.start(cluster, stop(cluster))) {
      doomed.awaitBegun(step.code());
      doomed.kill();
    }
    if (step.compareTo(Step.SAVEPOINT) > 0) {
      Eventually.until("the JobManager to end with its job", LIMIT, () -> isDown(cluster));
    }
    try (ToolProcess again = ToolProcess.start(cluster, stop(cluster))) {
      int exit = again.await();
      List<String> lines = again.output().lines().toList();
      JsonNode last = JSON.readTree(lines.get(lines.size() - 1));
      JsonNode receipt = last.path("receipt");
      if (step == Step.RECEIPT && exit == 4) {
        receipt = namedBy(last.path("text").asText());
      } else {
        assertThat(exit).as(step + ": " + again.output()).isZero();
      }
      assertThat(receipt.path("outcome").asText()).as(step.code()).isEqualTo("proved");
      assertThat(receipt.path("unfinished").asBoolean()).as(step.code()).isFalse();
      return receipt.path("snapshot").path("uri").asText();
    }
  }

  /**
   * The receipt that was there before the kill. Its stop was over, so the next command began
   * another one, which may not answer for the job while Flink is silent.
   */
  private static JsonNode namedBy(String text) throws IOException {
    Matcher named = RECEIPT.matcher(text);
    assertThat(named.find()).as(text).isTrue();
    return JSON.readTree(Path.of(named.group(1)).toFile());
  }

  private static boolean isDown(LocalCluster cluster) {
    return cluster.status().stdout().lines().anyMatch(line -> line.matches("jobmanager .* down"));
  }

  private String[] stop(LocalCluster cluster) {
    return new String[] {
      "stop",
      SPEC.name(),
      "--savepointPath",
      cluster.directoryUri() + "/savepoints",
      "--journal",
      directory.resolve("stops").toString(),
      "--grace",
      "30s",
      "-o",
      "json"
    };
  }

  private void check(LocalCluster cluster, TrafficRun traffic) throws Exception {
    String job = cluster.flinkRest().jobs().get(0);
    cluster.flinkRest().awaitRunning(job);
    traffic.stop();
    JobUnderTest.running(cluster, SPEC, job).awaitNoLag();
    try (ToolProcess last = ToolProcess.start(cluster, stop(cluster))) {
      assertThat(last.await()).as(last.output()).isZero();
      List<String> lines = last.output().lines().toList();
      String savepoint =
          JSON.readTree(lines.get(lines.size() - 1))
              .path("receipt")
              .path("snapshot")
              .path("uri")
              .asText();
      SavedKeys kept = SavepointModels.keys(savepoint);
      Verdict verdict =
          new Ledger(cluster.bootstrapServers(), TOPICS, SPEC.name())
              .below(SavepointModels.offsets(savepoint))
              .holding(kept.held())
              .read()
              .assertClean();
      System.out.println("ApplicationStopIT: " + verdict);
      assertThat(verdict.inputs()).isEqualTo(traffic.sent());
      assertThat(verdict.answers(OutputKind.PREDICTION)).isEqualTo(traffic.observations());
    }
  }

  private LocalCluster start(String savepoint) {
    LocalCluster cluster = LocalCluster.unstarted(directory.resolve("cluster"), OFFSET);
    List<String> arguments =
        new ArrayList<>(List.of("start", "--application", "-D", "parallelism.default=2"));
    // As long as a savepoint's end waits to be asked for by a tool that is dead.
    arguments.addAll(List.of("-D", "rest.async.store-duration=20 s"));
    SPEC.flink().forEach((key, value) -> arguments.add("-D" + key + "=" + value));
    if (!savepoint.isEmpty()) {
      arguments.addAll(List.of("--from-savepoint", savepoint));
    }
    arguments.add("--");
    arguments.addAll(SPEC.arguments("127.0.0.1:" + (9092 + OFFSET)));
    cluster.cluster(arguments.toArray(new String[0])).requireSuccess();
    return cluster;
  }
}

package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.flink.ForeignJob;
import dev.sluice.flink.JobJar;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.cluster.ToolProcess;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A session cluster with a job of another program, another job of this one, and two operators who
 * stop and resume the same job at the same moment, each with a journal of their own.
 */
@Tag("operations")
class SharedClusterIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OURS = "shared-ours";
  private static final String OTHER = "shared-other";
  private static final String FOREIGN = "shared-foreign";

  private final LocalCluster cluster = LocalCluster.shared();
  private final FlinkRest flink = cluster.flinkRest();
  private final String broker = cluster.bootstrapServers();
  private final Path savepoints = cluster.directory().resolve("savepoints-" + OURS);

  @TempDir private Path folder;

  @Test
  void twoOperatorsOfOneJobDisturbNeitherEachOtherNorAnybodyElse() throws Exception {
    JobSpec ours = spec(OURS);
    JobSpec other = spec(OTHER);
    String foreign = runForeign();
    try (TrafficRun load = TrafficRun.into(ours, broker, 91, 100);
        TrafficRun otherLoad = TrafficRun.into(other, broker, 92, 100)) {
      JobUnderTest.inProcess(cluster, ours).run(2);
      JobUnderTest sibling = JobUnderTest.inProcess(cluster, other);
      sibling.run(1);
      sibling.awaitCheckpoints(1);

      JsonNode[] stops = stopTwice();
      assertThat(uri(stops[0])).isEqualTo(uri(stops[1]));
      assertThat(children(savepoints)).as("one savepoint for both").hasSize(1);
      assertThat(sibling.state()).isEqualTo("RUNNING");
      assertThat(flink.state(foreign)).isEqualTo("RUNNING");

      resumeTwice(stops);
      assertThat(runningJobs(OURS)).hasSize(1);
      assertThat(sibling.failures()).isZero();
      assertRefused(foreign);

      load.stop();
      otherLoad.stop();
      JobUnderTest.running(cluster, ours, runningJobs(OURS).get(0)).awaitNoLag();
      sibling.awaitNoLag();
      assertClean(ours);
      assertClean(other);
      assertThat(flink.state(foreign)).isEqualTo("RUNNING");
    } finally {
      flink.cancel(foreign);
    }
  }

  private JobSpec spec(String name) throws Exception {
    return JobSpec.small(name, JobTopics.named(name).create(broker, 2))
        .set("sluice.sink.transaction-timeout", "10 min");
  }

  private String runForeign() throws Exception {
    Path jar = JobJar.write(folder.resolve("foreign.jar"), ForeignJob.class, List.of());
    String id = flink.runJar(jar, 1, List.of(FOREIGN));
    flink.awaitRunning(id);
    return id;
  }

  /** What was printed to each of them. */
  private JsonNode[] stopTwice() throws Exception {
    try (ToolProcess one = start("one", "stop", OURS, "--savepointPath", savepoints.toString());
        ToolProcess two = start("two", "stop", OURS, "--savepointPath", savepoints.toString())) {
      assertThat(one.await()).as(one.output()).isZero();
      assertThat(two.await()).as(two.output()).isZero();
      JsonNode[] reported = {lastLine(one.output()), lastLine(two.output())};
      for (JsonNode each : reported) {
        assertThat(each.path("receipt").path("outcome").asText()).isEqualTo("proved");
      }
      return reported;
    }
  }

  /** Each from the receipt that it has. */
  private void resumeTwice(JsonNode[] stops) throws Exception {
    try (ToolProcess one = start("one", "resume", stops[0].path("receiptFile").asText());
        ToolProcess two = start("two", "resume", stops[1].path("receiptFile").asText())) {
      int first = one.await();
      int second = two.await();
      assertThat(Math.min(first, second)).as(one.output() + two.output()).isZero();
      assertThat(Math.max(first, second)).as(one.output() + two.output()).isEqualTo(1);
      String late = first == 0 ? two.output() : one.output();
      assertThat(late)
          .as("the one that came second names the job that runs")
          .contains(runningJobs(OURS).get(0));
    }
  }

  private ToolProcess start(String operator, String... arguments) throws IOException {
    String[] all =
        Stream.concat(
                Stream.of(arguments),
                Stream.of("--journal", folder.resolve(operator).toString(), "-o", "json"))
            .toArray(String[]::new);
    return ToolProcess.startWithoutTrail(cluster, all);
  }

  /** A job of another program can't be proved, so it is not stopped. */
  private void assertRefused(String foreign) throws Exception {
    CommandResult stop = cluster.sluice("stop", FOREIGN, "--grace", "10s");
    assertThat(stop.exitCode()).as(stop.toString()).isEqualTo(1);
    assertThat(stop.stdout() + stop.stderr()).contains("publishes no settings of sluice");
    assertThat(flink.state(foreign)).isEqualTo("RUNNING");
  }

  private List<String> runningJobs(String name) throws Exception {
    Stream.Builder<String> ids = Stream.builder();
    for (JsonNode job : flink.get("/jobs/overview").path("jobs")) {
      if (job.path("name").asText().equals(name) && job.path("state").asText().equals("RUNNING")) {
        ids.add(job.path("jid").asText());
      }
    }
    return ids.build().toList();
  }

  private void assertClean(JobSpec spec) throws Exception {
    JsonNode reported = cluster.sluice("stop", spec.name(), "-o", "json").requireSuccess().json();
    String savepoint = uri(reported);
    SavedKeys keys = SavepointModels.keys(savepoint);
    new Ledger(broker, spec.topics(), spec.name())
        .below(SavepointModels.offsets(savepoint))
        .holding(keys.held())
        .read()
        .assertClean();
  }

  private static String uri(JsonNode reported) {
    return reported.path("receipt").path("snapshot").path("uri").asText();
  }

  private static JsonNode lastLine(String output) throws IOException {
    List<String> lines = output.lines().toList();
    return JSON.readTree(lines.get(lines.size() - 1));
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }
}

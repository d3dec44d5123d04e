package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.Freezer;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LeadingJobManager;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code cluster start --ha}, on real processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LocalClusterHaIT {
  private static final int OFFSET = LocalCluster.firstTestOffset() + 500;
  private static final Pattern NEEDED = Pattern.compile("(\\d+) MiB of memory are needed");

  private final LocalCluster cluster;

  LocalClusterHaIT(@TempDir Path directory) {
    cluster = LocalCluster.startHa(directory.resolve("high availability"), OFFSET, 1, 2);
  }

  @AfterAll
  void stopLeavesNothing() {
    cluster.close();
    assertThat(cluster.processIds()).isEmpty();
    assertThat(cluster.status().exitCode()).isEqualTo(3);
  }

  @Test
  void jobGoesOnFromItsLastCheckpointWhenTheLeaderIsKilled() throws Exception {
    String broker = cluster.bootstrapServers();
    JobSpec spec = JobSpec.named("ha", JobTopics.named("ha").create(broker, 2));
    SeededTraffic events = new SeededTraffic(31, 50, TargetKind.LABELS);
    try (TrafficRun traffic =
        TrafficRun.start(broker, events, spec.topics().events(), Long.MAX_VALUE, 500)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(1);
      job.awaitCheckpoints(1);

      LeadingJobManager killed = cluster.leader();
      cluster.killJobManager();
      LeadingJobManager leader = cluster.awaitTakeover(killed, job.id());
      assertThat(leader.role()).isNotEqualTo(killed.role());
      cluster.flinkRest().awaitRunning(job.id());
      job.awaitCheckpoints(1);
      assertRestoredFromCheckpoint(job.id());
      assertOnlyThisIsDown(killed, leader);

      cluster.restartJobManager();
      cluster.status().requireSuccess();
      traffic.stop();
      job.awaitNoLag();
      JsonNode stopped = tool("stop", spec.name(), "--grace", "1m", "-o", "json").json();
      tool("resume", stopped.path("receiptFile").asText());
      tool("stop", spec.name(), "--grace", "1m");
    }
    new Ledger(broker, spec.topics(), spec.name()).read().assertClean();
  }

  private CommandResult tool(String... arguments) {
    return cluster.sluice(arguments).requireSuccess();
  }

  private void assertRestoredFromCheckpoint(String job) throws IOException, InterruptedException {
    JsonNode checkpoints = cluster.flinkRest().get("/jobs/" + job + "/checkpoints");
    assertThat(checkpoints.path("counts").path("restored").asInt()).isEqualTo(1);
    JsonNode restored = checkpoints.path("latest").path("restored");
    assertThat(restored.path("id").asLong()).isPositive();
    assertThat(restored.path("is_savepoint").asBoolean()).isFalse();
  }

  private void assertOnlyThisIsDown(LeadingJobManager killed, LeadingJobManager leader) {
    CommandResult partly = cluster.status();
    assertThat(partly.exitCode()).isEqualTo(1);
    assertThat(partly.stdout())
        .containsPattern("(?m)^" + killed.role() + " +- +down$")
        .containsPattern(
            "(?m)^%s +%d +up +%s +leads$".formatted(leader.role(), leader.pid(), leader.rest()))
        .containsPattern("(?m)^zookeeper +\\d+ +up")
        .containsPattern("(?m)^job +RUNNING");
  }

  @Test
  void nothingListensBeyondLoopback() throws IOException {
    assertThat(cluster.processIds()).hasSize(5);
    for (long pid : cluster.processIds()) {
      assertThat(Listeners.all(pid)).isNotEmpty();
      assertThat(Listeners.beyondLoopback(pid)).isEmpty();
    }
  }

  @Test
  void frozenLeaderIsReplacedAndStandsByWhenItThaws() {
    LeadingJobManager frozen = cluster.leader();
    try (Freezer freezer = frozen.freezer()) {
      freezer.freeze();
      Eventually.until(
          "another one than " + frozen + " leads",
          Duration.ofSeconds(60),
          () -> cluster.leader().pid() != frozen.pid());
      freezer.thaw();
    }
    Eventually.until(
        "both JobManagers answer again",
        Duration.ofSeconds(60),
        () -> cluster.status().exitCode() == 0);
    assertThat(cluster.leader().pid()).isNotEqualTo(frozen.pid());
  }

  @Test
  void restartSaysSoWhenNoJobManagerIsMissing() {
    CommandResult restart = cluster.cluster("restart-jm");
    assertThat(restart.exitCode()).isEqualTo(1);
    assertThat(restart.stderr()).contains("both JobManagers run");
  }

  @Test
  void secondJobManagerAndZooKeeperAreCountedIntoTheMemory(@TempDir Path directory) {
    LocalCluster unstarted = LocalCluster.unstarted(directory, OFFSET + 100);
    int extra = neededMiB(unstarted, "start", "--ha") - neededMiB(unstarted, "start");
    assertThat(extra).isEqualTo(1024 + 64 + 300);
  }

  private static int neededMiB(LocalCluster cluster, String... arguments) {
    Map<String, String> tooMuch = Map.of("SLUICE_TASKMANAGER_MEMORY", "9000g");
    String stderr = cluster.script("cluster", tooMuch, arguments).stderr();
    Matcher needed = NEEDED.matcher(stderr);
    assertThat(needed.find()).as(stderr).isTrue();
    return Integer.parseInt(needed.group(1));
  }
}

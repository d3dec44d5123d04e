package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of {@code deploy/local}, on real processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LocalClusterIT {
  private static final int OFFSET = LocalCluster.firstTestOffset() + 100;

  private final LocalCluster first;
  private final LocalCluster second;

  LocalClusterIT(@TempDir Path directory) {
    first = LocalCluster.unstarted(directory.resolve("first"), OFFSET);
    // Blanks in paths are where scripts break.
    second = LocalCluster.unstarted(directory.resolve("the second"), OFFSET + 100);
  }

  @BeforeAll
  void startBothAtOnce() {
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> second.startAgain(1, 2));
    first.startAgain(2, 2);
    other.join();
  }

  @AfterAll
  void stopBoth() {
    first.close();
    second.close();
  }

  @Test
  void twoClustersRunSideBySide() {
    Topics.create(first, Map.of("only-in-the-first", 3));

    assertThat(first.status().requireSuccess().stdout())
        .containsPattern("broker +\\d+ +up +" + first.bootstrapServers())
        .containsPattern("jobmanager +\\d+ +up +" + first.rest())
        .containsPattern("taskmanager-2 +\\d+ +up")
        .containsPattern("topics +8\n");
    second.status().requireSuccess();
    assertThat(Topics.names(second))
        .doesNotContain("only-in-the-first")
        .contains(
            "sluice.events",
            "sluice.predictions",
            "sluice.evaluations",
            "sluice.deferred",
            "sluice.dead-letters",
            "sluice.control",
            "sluice.control-log");
  }

  @Test
  void nothingListensBeyondLoopback() throws IOException {
    assertThat(first.processIds()).hasSize(4);
    for (long pid : first.processIds()) {
      assertThat(Listeners.all(pid)).isNotEmpty();
      assertThat(Listeners.beyondLoopback(pid)).isEmpty();
    }
  }

  @Test
  void eachFlinkProcessServesItsMetrics() throws Exception {
    assertThat(metrics(9249)).contains("flink_jobmanager_numRegisteredTaskManagers");
    assertThat(metrics(9250)).contains("flink_taskmanager_Status_JVM_Memory_Heap_Used");
    assertThat(metrics(9251)).contains("flink_taskmanager_Status_JVM_Memory_Heap_Used");
  }

  private static String metrics(int defaultPort) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + (defaultPort + OFFSET) + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void flinkCommandReachesItsCluster() {
    assertThat(first.flink("list").requireSuccess().stdout()).contains("No running jobs");
  }

  @Test
  void theToolReachesTheClusterOfItsFolderWhateverOffsetItIsGiven() {
    LocalCluster elsewhere = LocalCluster.unstarted(first.directory(), OFFSET + 300);
    assertThat(elsewhere.sluice("status", "nowhere").stderr())
        .contains("there is no job (nowhere)");
  }

  @Test
  void secondStartOfARunningClusterSaysSoAndSucceeds() {
    CommandResult again = first.cluster("start").requireSuccess();
    assertThat(again.stderr()).contains("already runs");
    assertThat(again.stdout()).contains(first.bootstrapServers());
  }

  @Test
  void highAvailabilityIsNotAddedToARunningCluster() {
    CommandResult again = first.cluster("start", "--ha");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.stderr()).contains("no high availability").contains("'cluster stop' first");
  }

  @Test
  void takenPortIsNamedAndNothingIsLeftRunning(@TempDir Path directory) throws IOException {
    int offset = OFFSET + 200;
    try (ServerSocket taken =
        new ServerSocket(8081 + offset, 1, InetAddress.getLoopbackAddress())) {
      LocalCluster third = LocalCluster.unstarted(directory, offset);
      CommandResult start = third.cluster("start");

      assertThat(start.exitCode()).isEqualTo(1);
      assertThat(start.stdout()).isEmpty();
      assertThat(start.stderr())
          .contains("port " + taken.getLocalPort() + " is taken")
          .contains("pid " + ProcessHandle.current().pid())
          .contains("--port-offset");
      assertThat(third.processIds()).isEmpty();
    }
  }

  @Test
  void processThatDiesIsReportedWithTheEndOfItsLog(@TempDir Path directory) {
    LocalCluster third = LocalCluster.unstarted(directory, OFFSET + 300);
    CommandResult start = third.script("cluster", Map.of("SLUICE_BROKER_HEAP", "1m"), "start");

    assertThat(start.exitCode()).isEqualTo(1);
    assertThat(start.stderr()).contains("broker died").contains("Too small maximum heap");
    assertThat(third.processIds()).isEmpty();
    assertThat(third.status().exitCode()).isEqualTo(3);
  }

  @Test
  void lackOfMemoryIsToldBeforeAnythingStarts(@TempDir Path directory) {
    LocalCluster third = LocalCluster.unstarted(directory, OFFSET + 300);
    CommandResult start =
        third.script("cluster", Map.of("SLUICE_TASKMANAGER_MEMORY", "9000g"), "start");

    assertThat(start.exitCode()).isEqualTo(1);
    assertThat(start.stderr()).contains("MiB of memory are needed").contains("--taskmanagers");
    assertThat(third.processIds()).isEmpty();
  }

  @Test
  void wrongUsageIsRefusedWithWhatIsAllowed() {
    CommandResult wrong = second.cluster("start", "--slots", "none");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.stderr()).contains("--slots").contains("'none'").contains("1 to 64");
    assertThat(second.cluster("begin").exitCode()).isEqualTo(2);
    CommandResult noApplication = second.cluster("start", "--", "--sluice.job.name", "x");
    assertThat(noApplication.exitCode()).isEqualTo(2);
    assertThat(noApplication.stderr()).contains("--application");
  }

  @Test
  void killedTaskManagerIsDownUntilItIsStartedAgain() {
    first.killTaskManager(2);

    CommandResult partly = first.status();
    assertThat(partly.exitCode()).isEqualTo(1);
    assertThat(partly.stdout()).containsPattern("taskmanager-2 +- +down");

    first.startTaskManager();
    first.status().requireSuccess();
  }

  @Test
  void killedJobManagerComesBackWithItsTaskManagers() {
    first.killJobManager();

    CommandResult partly = first.status();
    assertThat(partly.exitCode()).isEqualTo(1);
    assertThat(partly.stdout()).containsPattern("jobmanager +- +down");

    first.restartJobManager();
    first.status().requireSuccess();
  }

  @Test
  void brokerKeepsItsTopicsOverKillAndRestart() {
    first.killBroker();
    assertThat(first.status().exitCode()).isEqualTo(1);
    assertThat(first.cluster("kill-broker").stderr()).contains("broker does not run");

    first.restartBroker();
    first.status().requireSuccess();
    assertThat(Topics.names(first)).contains("sluice.events", "sluice.control-log");
  }

  @Test
  void stopLeavesNoProcessAndStartFindsTheOldTopics() {
    Topics.create(second, Map.of("kept", 1));
    second.stop();

    assertThat(second.processIds()).isEmpty();
    assertThat(second.status().exitCode()).isEqualTo(3);
    assertThat(second.stop().stderr()).contains("Nothing runs");

    second.startAgain(1, 2);
    assertThat(Topics.names(second)).contains("kept", "sluice.events");
  }
}

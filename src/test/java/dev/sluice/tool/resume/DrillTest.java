package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a drill refuses before it stops anything, at a JobManager that only lists its jobs. */
class DrillTest {

  private static final String JOBS =
      "{\"jobs\":[{\"jid\":\"0123456789abcdef0123456789abcdef\",\"name\":\"flights\",\"state\":\"%s\",\"start-time\":0}]}";

  private static final String JOB = "/jobs/0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  private CannedFlink flink;

  @BeforeEach
  void startFlink() throws IOException {
    flink =
        CannedFlink.start()
            .tell("/jobs/overview", JOBS.formatted("RUNNING"))
            .tell("/config", "{\"features\":{\"web-submit\":false}}");
  }

  @AfterEach
  void stopFlink() {
    flink.close();
  }

  @Test
  void aJobThatIsOverIsNotResumedFromItsOldReceipt() throws Exception {
    flink.tell("/jobs/overview", JOBS.formatted("FINISHED"));
    Drill.Result result = drill(Files.createFile(folder.resolve("job.jar")));
    assertThat(result.stop().kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(result.stop().text()).contains("is FINISHED already: there is nothing to stop");
    assertThat(result.exitCode()).isOne();
    assertThat(flink.asked()).containsExactly("GET /jobs/overview");
  }

  @Test
  void aJobThatCouldNotBeRunAgainIsNotStopped() throws Exception {
    Drill.Result result = drill(folder.resolve("gone.jar"));
    assertThat(result.stop().kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(result.stop().text()).contains("gone.jar", "--jar");
    assertThat(result.downtime()).isNull();
    assertThat(flink.asked()).containsExactly("GET /jobs/overview");
  }

  @Test
  void aClusterThatTakesNoJobsIsAskedToStopNone() throws Exception {
    Drill.Result result = drill(Files.createFile(folder.resolve("job.jar")));
    assertThat(result.stop().kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(result.stop().text())
        .startsWith("Refused, and nothing was touched")
        .contains("web.submit.enable", "resume --print");
    assertThat(result.exitCode()).isOne();
    assertThat(flink.asked()).containsExactly("GET /jobs/overview", "GET /config");
  }

  @Test
  void aJobThatWouldNotFindItsSlotsIsNotStopped() throws Exception {
    twoOfFourSlotsAreTaken();
    Drill.Result result = drill(Files.createFile(folder.resolve("job.jar")), 6);
    assertThat(result.stop().kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(result.stop().text())
        .startsWith("Refused, and nothing was touched")
        .contains(
            "needs 6 slots",
            "4 of the cluster's 4, on 2 TaskManagers, are free once the job has stopped",
            "--parallelism 4");
    assertThat(flink.asked()).noneMatch(request -> request.startsWith("P"));
  }

  @Test
  void aJobThatFlinkWouldNotTakeSoParallelIsNotStopped() throws Exception {
    twoOfFourSlotsAreTaken();
    flink.tell("/overview", "{\"slots-total\":400,\"slots-available\":398,\"taskmanagers\":2}");
    Drill.Result result = drill(Files.createFile(folder.resolve("job.jar")), 129);
    assertThat(result.stop().text())
        .startsWith("Refused, and nothing was touched: --parallelism (129)")
        .contains("128 key groups", "take at most 128");
    assertThat(result.exitCode()).isOne();
    assertThat(drill(folder.resolve("job.jar"), 128).stop().text()).doesNotContain("key groups");
  }

  /** The job's own slots are free by then: the drill continues, to the stop's own preflight. */
  @Test
  void slotsThatTheJobItselfHoldsCount() throws Exception {
    twoOfFourSlotsAreTaken();
    assertThat(drill(Files.createFile(folder.resolve("job.jar")), 4).stop().text())
        .doesNotContain("slots");
  }

  @Test
  void aDryRunRefusesAsTheDrillWould() throws Exception {
    twoOfFourSlotsAreTaken();
    Path jar = Files.createFile(folder.resolve("job.jar"));
    assertThatThrownBy(() -> new Drill(ToolServices.real(), stop(), resume(jar, 6)).rehearse())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("needs 6 slots");
    assertThat(flink.asked()).noneMatch(request -> request.startsWith("P"));
  }

  /** Who may stop the job and not resume it would leave it stopped. */
  @Test
  void aUserWhoMayNotResumeTheJobDoesNotStopIt() throws Exception {
    twoOfFourSlotsAreTaken();
    Path jar = Files.createFile(folder.resolve("job.jar"));
    try (CannedBroker broker = CannedBroker.start()) {
      for (String topic : List.of("i", "c", "p", "e", "d", "l", "g")) {
        broker.topic(topic, new CannedLog().records(3));
      }
      flink
          .tell(JOB + "/checkpoints/config", "{\"interval\":60000,\"timeout\":600000}")
          .tell(
              JOB + "/config",
              """
              {"execution-config":{"user-config":{"sluice-version":"1",
                "sluice.kafka.bootstrap-servers":"%s","sluice.topics.events":"i",
                "sluice.topics.control":"c","sluice.topics.predictions":"p",
                "sluice.topics.evaluations":"e","sluice.topics.deferred":"d",
                "sluice.topics.dead-letters":"l","sluice.topics.control-log":"g"}}}
              """
                  .formatted(broker.servers()));
      assertThat(drill(jar, 4).stop().text()).doesNotContain("not resumed");

      broker.fail(ApiKeys.LIST_OFFSETS, Errors.TOPIC_AUTHORIZATION_FAILED, 1_000);
      Drill.Result refused = drill(jar, 4);
      assertThat(refused.stop().kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
      assertThat(refused.stop().text())
          .startsWith("Refused, and nothing was touched: the job could be stopped, but not resumed")
          .contains("[i, c]", "[SLU-BROKERS]");
      assertThatThrownBy(() -> new Drill(ToolServices.real(), stop(), resume(jar, 4)).rehearse())
          .hasMessageContaining("could be stopped, but not resumed");
      assertThat(flink.asked()).noneMatch(request -> request.startsWith("P"));
    }
  }

  private void twoOfFourSlotsAreTaken() {
    flink
        .tell("/config", "{\"features\":{\"web-submit\":true}}")
        .tell("/overview", "{\"slots-total\":4,\"slots-available\":2,\"taskmanagers\":2}")
        .tell("/jobmanager/config", "[]")
        .tell(
            "/jobs/0123456789abcdef0123456789abcdef",
            "{\"state\":\"RUNNING\",\"vertices\":[{\"status\":\"RUNNING\",\"parallelism\":2}]}");
  }

  private Drill.Result drill(Path jar) throws Exception {
    return drill(jar, null);
  }

  private Drill.Result drill(Path jar, @Nullable Integer parallelism) throws Exception {
    return new Drill(ToolServices.real(), stop(), resume(jar, parallelism))
        .run(event -> {}, text -> {});
  }

  private StopPolicy stop() {
    return new StopPolicy(
        "flights",
        flink.addresses(),
        null,
        false,
        false,
        Duration.ofSeconds(5),
        OnTimeout.FAIL,
        Duration.ofSeconds(5),
        null,
        folder,
        Map.of(),
        null,
        List.of(),
        ReceiptKeys.NONE);
  }

  private ResumePolicy resume(Path jar, @Nullable Integer parallelism) {
    return new ResumePolicy(
        "",
        flink.addresses(),
        jar,
        parallelism,
        false,
        null,
        false,
        Map.of(),
        Map.of(),
        folder,
        Duration.ofSeconds(5),
        List.of(),
        ReceiptKeys.NONE);
  }
}

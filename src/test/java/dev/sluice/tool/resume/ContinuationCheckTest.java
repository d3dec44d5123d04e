package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.JobStatus;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a job that was submitted and does not continue. */
class ContinuationCheckTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final String REASON =
      "{\"exceptionHistory\":{\"entries\":[{\"stacktrace\":\"a.B: outer\\nCaused by: java.io.IOException: no such "
          + "topic\"}]}}";
  private static final String RUNNING =
      "{\"state\":\"RUNNING\",\"vertices\":[{\"status\":\"RUNNING\",\"parallelism\":2}]}";
  private static final String NO_REASON = "{\"exceptionHistory\":{\"entries\":[]}}";

  @TempDir Path folder;

  private CannedFlink flink;
  private String savepoint = "";

  @BeforeEach
  void startFlink() throws IOException {
    flink = CannedFlink.start();
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString();
  }

  @AfterEach
  void stopFlink() {
    flink.close();
  }

  /** Flink's answers on exceptions are some seconds old. */
  @Test
  void theReasonOfAFailureIsWaitedFor() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"FAILED\"}")
        .tell("/jobs/" + ID + "/exceptions", NO_REASON)
        .when(
            "GET /jobs/" + ID + "/exceptions",
            body -> {
              if (asked.incrementAndGet() == 3) {
                flink.tell("/jobs/" + ID + "/exceptions", REASON);
              }
            });
    assertThat(said(Duration.ofSeconds(30)))
        .isEqualTo(
            "Job %s was submitted and is FAILED: IOException: no such topic. The snapshot is as it was"
                .formatted(ID));
  }

  @Test
  void aJobThatDoesNotComeUpIsToldWithHowToCancelIt() throws Exception {
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RESTARTING\"}")
        .tell("/jobs/" + ID, "{\"state\":\"RESTARTING\",\"vertices\":[]}");
    assertThat(said(Duration.ofMillis(600)))
        .contains(
            "this was not reached: all of its tasks run",
            "sluice status " + ID,
            "flink cancel " + ID,
            "curl -X PATCH '%s/jobs/%s?mode=cancel'".formatted(flink.addresses().get(0), ID),
            "the snapshot is as it was");
  }

  @Test
  void aJobWhoseFirstCheckpointFailsIsToldWithItsReason() throws Exception {
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RUNNING\"}")
        .tell(
            "/jobs/" + ID,
            "{\"state\":\"RUNNING\",\"vertices\":[{\"status\":\"RUNNING\",\"parallelism\":2}]}")
        .tell(
            "/jobs/" + ID + "/checkpoints",
            "{\"latest\":{\"completed\":null},\"history\":[{\"id\":4,\"status\":\"FAILED\",\"is_savepoint\":false,\"failure_message\":\"No space left on device\"}]}");
    assertThat(said(Duration.ofMillis(600)))
        .contains(
            "this was not reached: its first checkpoint is complete (checkpoint 4 failed: No space left on device)");
  }

  /** They are on the JobManager's disk: a good resume would be given up after five minutes. */
  @Test
  void aJobWhoseCheckpointsAreOfAnotherMachineIsNotGivenUp() throws Exception {
    runs("file:/of/another/machine/chk-8");
    ContinuationCheck going = goingOn(Duration.ofSeconds(30));
    assertThat(going.await(Snapshot.open(savepoint), ID, true)).isEmpty();
    assertThat(going.isUnseen()).isTrue();
    assertThat(flink.asked()).as("nothing to be asked for").noneMatch(a -> a.startsWith("POST"));
  }

  /** Negative control: of a directory that is here a checkpoint that is not is gone. */
  @Test
  void aCheckpointThatIsGoneIsNoneOfAnotherMachine() throws Exception {
    runs("file:" + folder.toAbsolutePath() + "/chk-8");
    ContinuationCheck going = goingOn(Duration.ofMillis(600));
    assertThat(going.await(Snapshot.open(savepoint), ID, true)).isPresent();
    assertThat(going.isUnseen()).isFalse();
  }

  /** Answers are visible with it; its own would come when the interval is over. */
  @Test
  void aJobThatRunsIsAskedForItsFirstCheckpointOnce() throws Exception {
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RUNNING\"}")
        .tell("/jobs/" + ID, RUNNING)
        .tell("/jobs/" + ID + "/checkpoints", "{\"latest\":{\"completed\":null},\"history\":[]}");
    said(Duration.ofMillis(600));
    assertThat(flink.asked()).containsOnlyOnce("POST /jobs/" + ID + "/checkpoints");
  }

  /** The first one may have been triggered before any record had come through. */
  @Test
  void aJobWhoseCheckpointHoldsNoProgressIsAskedForAnother() throws Exception {
    AtomicInteger requested = new AtomicInteger();
    runs(savepoint);
    flink.when(
        "POST /jobs/" + ID + "/checkpoints",
        body -> {
          assertThat(body).contains("CONFIGURED");
          if (requested.incrementAndGet() == 1) {
            runs(savepoint, 9);
          }
        });
    goingOn(Duration.ofMillis(900)).await(Snapshot.open(savepoint), ID, true);
    assertThat(requested).hasValue(2);
  }

  /** Then the job's own checkpoint is waited for. */
  @Test
  void aFlinkThatRefusesTheRequestIsNotAskedAgain() throws Exception {
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RUNNING\"}")
        .tell("/jobs/" + ID, RUNNING)
        .tell("/jobs/" + ID + "/checkpoints", "{\"latest\":{\"completed\":null},\"history\":[]}")
        .when(
            "POST /jobs/" + ID + "/checkpoints",
            body -> {
              throw new IllegalStateException("no answer");
            });
    assertThat(said(Duration.ofMillis(900))).contains("this was not reached");
    assertThat(flink.asked()).containsOnlyOnce("POST /jobs/" + ID + "/checkpoints");
  }

  /** It may count as failed in the job's metrics. */
  @Test
  void noCheckpointIsAskedForWhileNotAllTasksRun() throws Exception {
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RUNNING\"}")
        .tell("/jobs/" + ID, RUNNING.replace("\"RUNNING\",\"par", "\"INITIALIZING\",\"par"));
    said(Duration.ofMillis(600));
    assertThat(flink.asked()).doesNotContain("POST /jobs/" + ID + "/checkpoints");
  }

  private void runs(String checkpoint) {
    runs(checkpoint, 8);
  }

  private void runs(String checkpoint, int id) {
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RUNNING\"}")
        .tell(
            "/jobs/" + ID,
            "{\"state\":\"RUNNING\",\"vertices\":[{\"status\":\"RUNNING\",\"parallelism\":2}]}")
        .tell(
            "/jobs/" + ID + "/checkpoints",
            "{\"latest\":{\"completed\":{\"id\":%s,\"latest_ack_timestamp\":0,\"external_path\":\"%s\"}},\"history\":[]}"
                .formatted(id, checkpoint));
  }

  private ContinuationCheck goingOn(Duration patience) {
    JobManager jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(5));
    return new ContinuationCheck(policy(null, patience), jobManager, Time.system());
  }

  /** Flink answers 500 to what only a JobMaster knows. */
  @Test
  void aJobThatIsInitializingIsToldWithWhatItReachesFor() throws Exception {
    flink.tell("/jobs/" + ID + "/status", "{\"status\":\"INITIALIZING\"}");
    assertThat(said(Duration.ofMillis(600)))
        .contains(
            "this was not reached: all of its tasks run (it is INITIALIZING:",
            "tries to reach " + Snapshot.open(savepoint).uri());
  }

  @Test
  void aJobThatRestartsIsToldWithItsLastReason() throws Exception {
    flink
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RESTARTING\"}")
        .tell("/jobs/" + ID, "{\"state\":\"RESTARTING\",\"vertices\":[]}")
        .tell("/jobs/" + ID + "/exceptions", REASON);
    assertThat(said(Duration.ofMillis(600)))
        .contains("all of its tasks run (it is RESTARTING: IOException: no such topic)");
  }

  @Test
  void statusShowsAJobThatIsInitializing() throws Exception {
    flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"INITIALIZING\",\"start-time\":0}]}"
            .formatted(ID));
    JobStatus status = JobStatus.of(ToolServices.real(), "flights", flink.addresses(), folder);
    assertThat(status.lines())
        .contains("State       INITIALIZING")
        .anyMatch(line -> line.contains("its JobManager's log"));
  }

  /** Only a JobMaster reports savepoints. */
  @Test
  void statusShowsAJobThatIsInitializingWhileItsStopIsUnderWay() throws Exception {
    flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"job\",\"state\":\"INITIALIZING\",\"start-time\":%s}]}"
            .formatted(ID, Instant.parse("2026-11-01T12:00:00Z").toEpochMilli()));
    Path stops = Files.createDirectories(folder.resolve("stops"));
    Files.copy(
        Path.of("src/test/resources/golden/journal/version-4.json"), stops.resolve(ID + ".json"));
    JobStatus status = JobStatus.of(ToolServices.real(), "job", flink.addresses(), stops);
    assertThat(status.figures()).containsEntry("stopInFlight", true);
    assertThat(status.lines()).anyMatch(line -> line.startsWith("Stop        begun at"));
  }

  @Test
  void statusSaysWhyAJobFailed() throws Exception {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"FAILED\",\"start-time\":0}]}"
                .formatted(ID))
        .tell("/jobs/" + ID + "/checkpoints", "{\"latest\":{},\"history\":[]}")
        .tell("/jobs/" + ID + "/exceptions", REASON);
    JobStatus status = JobStatus.of(ToolServices.real(), "flights", flink.addresses(), folder);
    assertThat(status.lines()).contains("Reason      IOException: no such topic");
    assertThat(status.figures()).containsEntry("failure", "IOException: no such topic");
  }

  /** A checkpoint contains no settings, but what it was taken of. */
  @Test
  void aSnapshotWithoutAReceiptKeepsItsParallelism() throws Exception {
    Resumable from = Resumable.open(policy(null));
    assertThat(from.receipt()).isNull();
    assertThat(from.parallelism(policy(null))).isEqualTo(2);
    assertThat(from.parallelism(policy(3))).isEqualTo(3);
  }

  @Test
  void aPlantedReceiptResumesNothing() throws Exception {
    Files.copy(
        Path.of("src/test/resources/golden/receipt-1-with-properties.json"),
        Path.of(savepoint, "sluice-receipt.json"));
    assertThatThrownBy(() -> Resumable.open(policy(null)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("anybody can write a receipt");
    Resumable known =
        Resumable.open(
            new ResumePolicy(
                savepoint,
                flink.addresses(),
                folder.resolve("job.jar"),
                null,
                false,
                null,
                false,
                Map.of("sluice.kafka.bootstrap-servers", "mine:9092"),
                Map.of("sluice.kafka.properties.sasl.mechanism", "PLAIN"),
                folder,
                Duration.ofSeconds(1),
                List.of(),
                ReceiptKeys.NONE));
    assertThat(known.jobSettings().kafka().bootstrapServers()).isEqualTo("mine:9092");
    assertThat(known.jobSettings().kafka().properties()).containsOnlyKeys("sasl.mechanism");
    assertThat(known.flink().keySet()).allMatch(key -> key.startsWith("execution.checkpointing."));
  }

  private String said(Duration patience) throws Exception {
    JobManager jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(5));
    return new ContinuationCheck(policy(null, patience), jobManager, Time.system())
        .await(Snapshot.open(savepoint), ID, false)
        .orElseThrow();
  }

  private ResumePolicy policy(@Nullable Integer parallelism) {
    return policy(parallelism, Duration.ofSeconds(1));
  }

  private ResumePolicy policy(@Nullable Integer parallelism, Duration patience) {
    return new ResumePolicy(
        savepoint,
        flink.addresses(),
        folder.resolve("job.jar"),
        parallelism,
        false,
        null,
        false,
        Map.of(),
        Map.of(),
        folder,
        patience,
        List.of(),
        ReceiptKeys.NONE);
  }
}

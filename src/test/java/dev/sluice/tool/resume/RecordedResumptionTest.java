package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.GoldenReceipt;
import dev.sluice.tool.cli.Silence;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a resumption is written down, seen from the receipts that a tool which dies leaves. */
class RecordedResumptionTest {

  private static final String RUN = "/jars/1_job.jar/run";

  @TempDir Path folder;

  private CannedFlink flink;
  private CannedBroker broker;
  private Snapshot snapshot;
  private Path file = Path.of("");
  private Path sibling = Path.of("");
  private String first = "";
  private final List<String> atTheRequest = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    broker = CannedBroker.start();
    broker.topic("snapshot.events", records(641), records(186)).topic("c", records(0));
    snapshot = Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString());
    sibling = folder.resolve("savepoint").resolve(ReceiptFile.COPY_NAME);
    first = Submission.id(SnapshotFiles.metadataHash(snapshot, Duration.ofSeconds(5)), "copy", 0);
    file = Files.createDirectory(folder.resolve("stops")).resolve("receipt-sluice-fedcba98.json");
    GoldenReceipt.write(file, GoldenReceipt.withoutSettings(snapshot), ReceiptKeys.NONE);
    Files.copy(file, sibling);
    Files.writeString(folder.resolve("job.jar"), "jar");
    flink =
        CannedFlink.start()
            .tell("/jobs/overview", "{\"jobs\":[]}")
            .tell("/overview", "{\"slots-total\":4,\"slots-available\":4,\"taskmanagers\":2}")
            .tell("/config", "{\"features\":{\"web-submit\":true}}")
            .tell("/jobmanager/config", "[]")
            .tell("/jars/upload", "{\"filename\":\"/tmp/1_job.jar\"}")
            .tell("/jars/1_job.jar", "{}")
            .tell(RUN, "{}")
            .when("POST " + RUN, body -> taken());
  }

  private static CannedLog records(int count) {
    return new CannedLog().records(count);
  }

  @AfterEach
  void stop() throws IOException {
    flink.close();
    broker.close();
  }

  /** The tool may die at any moment after the request; the job runs on. */
  @Test
  void whoDiesAfterTheRequestHasWrittenItDown() throws Exception {
    ResumeOutcome outcome = resume();
    assertThat(outcome).as(outcome.text()).isInstanceOf(ResumeOutcome.Failed.class);
    assertThat(atTheRequest)
        .as("what the two receipts recorded then")
        .containsExactly(first + " ASKED", first + " ASKED");
  }

  @Test
  void oneThatDoesNotGoOnIsTold() throws Exception {
    ResumeOutcome outcome = resume();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(5);
    assertThat(outcome.text()).contains("this was not reached: ");
    for (Path each : List.of(file, sibling)) {
      assertThat(resumptions(each)).as("%s", each).containsExactly(first + " SUBMITTED");
    }
  }

  /** It hinders no later resume, nor records a job that never existed. */
  @Test
  void oneThatFlinkHasRefusedIsNotTold() throws Exception {
    flink.refuse(RUN, "SettingsException: sluice.topics.events = (): it must not be empty");
    byte[] before = Files.readAllBytes(file);
    ResumeOutcome outcome = resume();
    assertThat(outcome).as(outcome.text()).isInstanceOf(ResumeOutcome.Refused.class);
    assertThat(file).hasBinaryContent(before);
    assertThat(sibling).hasBinaryContent(before);
  }

  /** That is no refusal: the same command may succeed, and its exit code says so. */
  @Test
  void aSilentJobManagerHasRefusedNothing() throws Exception {
    byte[] before = Files.readAllBytes(file);
    for (String path : List.of("/jars/upload", "/jobs/" + first + "/status")) {
      flink.fail(path);
      assertThatThrownBy(this::resume)
          .as(path)
          .satisfies(thrown -> assertThat(Silence.isBehind(thrown)).isTrue());
      assertThat(flink.asked()).doesNotContain("POST " + RUN);
      flink.heal(path);
    }
    assertThat(file).hasBinaryContent(before);
  }

  /** As after a tool that died, too: the next resume asks for the same id, and then it is known. */
  @Test
  void oneOfWhichFlinkDidNotTellStaysUntilItIsKnown() throws Exception {
    ResumptionRecord dead = record();
    dead.asks(first);
    assertThat(resumptions(file)).containsExactly(first + " ASKED");
    Instant asked = ReceiptFile.read(file).resumptions().get(0).at();

    flink.refuse(RUN, "SettingsException: sluice.topics.events = (): it must not be empty");
    assertThat(resume()).isInstanceOf(ResumeOutcome.Refused.class);
    assertThat(resumptions(file)).as("it was not this one's").containsExactly(first + " ASKED");
    assertThat(ReceiptFile.read(file).resumptions().get(0).at()).isEqualTo(asked);

    flink.refuse(RUN, "DuplicateJobSubmissionException: Job has already been submitted.");
    flink.tell("/jobs/" + first + "/status", "{\"status\":\"RUNNING\"}");
    ResumeOutcome outcome = resume();
    assertThat(outcome.text()).contains("is resumed already", first);
    for (Path each : List.of(file, sibling)) {
      assertThat(resumptions(each)).as("%s", each).containsExactly(first + " SUBMITTED");
    }
  }

  @Test
  void oneThatComesUpIsToldOnce() throws Exception {
    ResumptionRecord record = record();
    record.asks(first);
    record.asks(first);
    record.isTaken(first);
    assertThat(record.runs(first, 3)).isEmpty();
    for (Path each : List.of(file, sibling)) {
      assertThat(resumptions(each)).as("%s", each).containsExactly(first + " RUNS");
      assertThat(ReceiptFile.read(each).resumptions())
          .extracting(Receipt.Resumption::parallelism)
          .containsExactly(3);
    }
  }

  /** Two resumes of one snapshot ask for one id, and each writes and takes back its own alone. */
  @Test
  void ofTwoAtOnceTheOtherOnesIsNotTakenBack() throws Exception {
    ResumptionRecord one = record();
    ResumptionRecord other = record();
    one.asks(first);
    other.asks(first);
    other.isRefused();
    assertThat(resumptions(file)).containsExactly(first + " ASKED");
    one.isTaken(first);
    other.isAnothers(first);
    assertThat(resumptions(file)).containsExactly(first + " SUBMITTED");
  }

  /** The other's request may be taken, and its tool may die: the receipt then records its job. */
  @Test
  void whoIsRefusedDoesNotTakeOutWhatTheOtherCountsOn() throws Exception {
    ResumptionRecord one = record();
    ResumptionRecord other = record();
    one.asks(first);
    other.asks(first);
    one.isRefused();
    for (Path each : List.of(file, sibling)) {
      assertThat(resumptions(each)).as("%s", each).containsExactly(first + " ASKED");
    }
    other.isRefused();
    for (Path each : List.of(file, sibling)) {
      assertThat(resumptions(each)).as("%s", each).isEmpty();
    }
    one.asks(first);
    other.asks(first);
    one.isTaken(first);
    other.isAnothers(first);
    for (Path each : List.of(file, sibling)) {
      assertThat(resumptions(each)).as("one job: %s", each).containsExactly(first + " SUBMITTED");
    }
  }

  /** What Flink refused stays written there, and a message says so; the next resume settles it. */
  @Test
  void whatCannotBeTakenOutIsSaidToStay() throws Exception {
    ResumePolicy policy = policy(ReceiptKeys.NONE);
    List<String> messages = new ArrayList<>();
    ResumptionRecord record =
        new ResumptionRecord(
            policy,
            Resumable.open(policy),
            Finding.refused("", List.of(), List.of()),
            messages::add,
            Time.system());
    record.asks(first);
    byte[] copy = Files.readAllBytes(sibling);
    Files.delete(sibling);
    Files.createDirectory(sibling);
    record.isRefused();
    Files.delete(sibling);
    Files.write(sibling, copy);
    assertThat(resumptions(file)).isEmpty();
    assertThat(resumptions(sibling)).containsExactly(first + " ASKED");
    assertThat(messages)
        .singleElement()
        .asString()
        .contains("still records a resumption that Flink has refused", "the next resume")
        .doesNotContain("does not record");
  }

  /** Nor does what could never be written, as into a receipt that is read-only, stay there. */
  @Test
  void whatWasNeverWrittenIsNotSaidToStay() throws Exception {
    ResumePolicy policy = policy(ReceiptKeys.NONE);
    Resumable from = Resumable.open(policy);
    Files.writeString(file, "{");
    List<String> reported = new ArrayList<>();
    ResumptionRecord record =
        new ResumptionRecord(
            policy, from, Finding.refused("", List.of(), List.of()), reported::add, Time.system());
    record.asks(first);
    assertThat(reported).singleElement().asString().contains("does not record the resumption");
    assertThat(resumptions(sibling)).containsExactly(first + " ASKED");
    record.isRefused();
    assertThat(reported).as("the receipt never recorded it").hasSize(1);
    assertThat(resumptions(sibling)).isEmpty();
  }

  /** The JobManager and the checkpoints may be gone: then the id is asked for once more. */
  @Test
  void anIdThatHasRunBeforeIsToldAgain() throws Exception {
    record().runs(first, 2);
    ResumptionRecord again = record();
    again.asks(first);
    assertThat(resumptions(file)).containsExactly(first + " RUNS", first + " ASKED");
    again.isAnothers(first);
    assertThat(resumptions(file)).as("Flink knows the one before").containsExactly(first + " RUNS");
  }

  /** A resume elsewhere from the snapshot's place is recorded in its copy alone. */
  @Test
  void whatTheCopyTellsStaysThere() throws Exception {
    String other = "f".repeat(32);
    Receipt copy = ReceiptFile.read(sibling);
    ReceiptFile.write(
        sibling,
        copy.with(
            new Receipt.Resumption(Instant.EPOCH, other, 2, 0L, 0, Receipt.Resumption.State.RUNS)),
        ReceiptKeys.NONE);
    record().runs(first, 2);
    assertThat(resumptions(file)).containsExactly(first + " RUNS");
    assertThat(resumptions(sibling)).containsExactlyInAnyOrder(other + " RUNS", first + " RUNS");
  }

  @Test
  void aReceiptThatCannotBeWrittenHindersNoResume() throws Exception {
    ResumePolicy policy = policy(ReceiptKeys.NONE);
    Resumable from = Resumable.open(policy);
    Files.writeString(file, "{");
    Files.writeString(sibling, "{");
    List<String> messages = new ArrayList<>();
    ResumptionRecord record =
        new ResumptionRecord(
            policy, from, Finding.refused("", List.of(), List.of()), messages::add, Time.system());
    record.asks(first);
    assertThat(messages).singleElement().asString().contains("can't be written", "the copy");
    assertThat(record.runs(first, 2)).contains("can't be written", "no counters");
    assertThat(sibling).hasContent("{");
  }

  private ResumptionRecord record() throws Exception {
    ResumePolicy policy = policy(ReceiptKeys.NONE);
    Finding finding = Finding.refused(snapshot.uri(), List.of(), List.of());
    return new ResumptionRecord(policy, Resumable.open(policy), finding, text -> {}, Time.system());
  }

  /** Flink takes it: it is there, and does not come up. */
  private void taken() {
    try {
      atTheRequest.addAll(resumptions(file));
      atTheRequest.addAll(resumptions(sibling));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    flink
        .tell("/jobs/" + first + "/status", "{\"status\":\"RESTARTING\"}")
        .tell("/jobs/" + first, "{\"state\":\"RESTARTING\",\"vertices\":[]}")
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"copy\",\"state\":\"RESTARTING\",\"start-time\":1}]}"
                .formatted(first));
  }

  private static List<String> resumptions(Path receipt) throws IOException {
    return ReceiptFile.read(receipt).resumptions().stream()
        .map(one -> one.jobId() + " " + one.state())
        .toList();
  }

  private ResumeOutcome resume() throws Exception {
    return new Resume(ToolServices.real(), policy(ReceiptKeys.NONE), text -> {}).run(false);
  }

  private ResumePolicy policy(ReceiptKeys keys) {
    return new ResumePolicy(
        file.toString(),
        flink.addresses(),
        folder.resolve("job.jar"),
        2,
        false,
        "copy",
        false,
        Map.of(
            "sluice.kafka.bootstrap-servers", broker.servers(),
            "sluice.features.width", "16",
            "sluice.topics.events", "snapshot.events",
            "sluice.topics.control", "c",
            "sluice.topics.predictions", "p",
            "sluice.topics.evaluations", "e",
            "sluice.topics.deferred", "d",
            "sluice.topics.dead-letters", "l",
            "sluice.topics.control-log", "g"),
        Map.of(),
        folder.resolve("stops"),
        Duration.ofMillis(600),
        List.of(),
        keys);
  }
}

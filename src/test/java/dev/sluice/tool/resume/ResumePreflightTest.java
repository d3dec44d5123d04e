package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.model.ModelState;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.FlakyFiles;
import dev.sluice.support.GoldenReceipt;
import dev.sluice.support.ModelStates;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.broker.Waiting;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.SavedModelFixtures;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a resume finds in a savepoint's models, and then of its input at the brokers. */
class ResumePreflightTest {

  private static final Map<String, String> GOLDEN_SETTINGS =
      Map.of(
          "sluice.kafka.bootstrap-servers", "no-port",
          "sluice.features.width", "16",
          "sluice.topics.events", "snapshot.events");

  @TempDir Path folder;

  private int copied;

  /** Of the receipt next to the golden savepoint; empty for no receipt. */
  private String cluster = "";

  private final SavedModelFixtures given = new SavedModelFixtures();

  @Test
  void aModelThatIsNotSoundIsNotResumed() throws Exception {
    ModelState broken = given.learned(2);
    ModelStates.change(broken, 0, all -> all.weights()[1][0] = Double.NaN);
    try (CannedFlink flink = CannedFlink.start()) {
      Finding finding = look(flink, broken);
      assertThat(finding.isGood()).isFalse();
      assertThat(finding.refusals())
          .containsExactly(
              "key (LAS): challengers[0].weights[1][0] is NaN. Resume from a snapshot that was taken before [SLU-RESUME-UNSOUND]");
    }
  }

  /** It comes as far as the brokers, and these can't be asked. */
  @Test
  void aSoundModelIsNoReasonToRefuse() throws Exception {
    try (CannedFlink flink = CannedFlink.start().tell("/jobs/overview", "{\"jobs\":[]}")) {
      assertThatThrownBy(() -> look(flink, golden(), GOLDEN_SETTINGS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the brokers at no-port can't be asked");
      assertThat(flink.asked()).containsExactly("GET /jobs/overview");
    }
  }

  /** An object store that throttles is no damage; the reading comes as far as the brokers. */
  @Test
  void aStoreThatFailsForAMomentIsReadAgain() throws Exception {
    Path golden = Path.of(golden());
    try (CannedFlink flink = CannedFlink.start().tell("/jobs/overview", "{\"jobs\":[]}");
        Stream<Path> files = Files.list(golden)) {
      for (Path file : files.filter(one -> !one.endsWith("_metadata")).toList()) {
        FlakyFiles.failsToOpen(file, 1);
      }
      assertThatThrownBy(() -> look(flink, FlakyFiles.uri(golden), GOLDEN_SETTINGS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the brokers at no-port can't be asked");
    }
  }

  /** What Flink would take, and what would fail when its tasks start. */
  @Test
  void forgottenSettingsAreToldBeforeAnythingIsSubmitted() throws Exception {
    try (CannedFlink flink = CannedFlink.start()) {
      Finding finding = look(flink, golden(), Map.of("sluice.kafka.bootstrap-servers", "no-port"));
      assertThat(finding.refusals())
          .hasSize(2)
          .allSatisfy(why -> assertThat(why).contains("--settings FILE", "its receipt"));
      assertThat(finding.refusals().get(0))
          .contains("sluice.features.width is (128), but the stored models were made with (16)");
      assertThat(finding.refusals().get(1))
          .contains("sluice.topics.events", "[sluice.events, sluice.control]", "[snapshot.events]");
      assertThat(flink.asked()).isEmpty();
    }
  }

  /** It comes as far as the brokers; who has not just read the files reads them. */
  @Test
  void whatThisProcessHasJustProvedIsNotReadAgain() throws Exception {
    Path savepoint = Path.of(golden());
    Path receipt = receiptOf(savepoint);
    Receipt proof = ReceiptFile.read(receipt);
    Path file = stateFile(savepoint);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1]++;
    Files.write(file, bytes);
    try (CannedFlink flink = CannedFlink.start().tell("/jobs/overview", "{\"jobs\":[]}")) {
      assertThatThrownBy(() -> look(flink, receipt.toString(), GOLDEN_SETTINGS, proof))
          .hasMessageContaining("the brokers at no-port can't be asked");
      assertThat(look(flink, receipt.toString(), GOLDEN_SETTINGS, null).refusals())
          .anyMatch(why -> why.contains(file.getFileName().toString()));
    }
  }

  @Test
  void aFileThatWasCutOffSinceItsProofIsToldInTheResume() throws Exception {
    Path savepoint = Path.of(golden());
    Path receipt = receiptOf(savepoint);
    Receipt proof = ReceiptFile.read(receipt);
    Path file = stateFile(savepoint);
    Files.write(file, new byte[] {1});
    try (CannedFlink flink = CannedFlink.start()) {
      assertThat(look(flink, receipt.toString(), GOLDEN_SETTINGS, proof).refusals())
          .anyMatch(why -> why.contains(file.getFileName() + " is cut off"));
    }
  }

  @Test
  void aFileThatIsGoneSinceItsProofIsToldInTheResume() throws Exception {
    Path savepoint = Path.of(golden());
    Path receipt = receiptOf(savepoint);
    Receipt proof = ReceiptFile.read(receipt);
    Path file = stateFile(savepoint);
    Files.delete(file);
    try (CannedFlink flink = CannedFlink.start()) {
      assertThat(look(flink, receipt.toString(), GOLDEN_SETTINGS, proof).refusals())
          .anyMatch(why -> why.contains(file.getFileName() + " is missing"));
    }
  }

  /** Whatever is written in place of what this process has proved counts for nothing. */
  @Test
  void aReceiptThatHasChangedSinceTheProofIsNoProof() throws Exception {
    Path savepoint = Path.of(golden());
    Path receipt = receiptOf(savepoint);
    Receipt proof = ReceiptFile.read(receipt);
    Path file = stateFile(savepoint);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1]++;
    Files.write(file, bytes);
    receiptOf(savepoint);
    assertThat(ReceiptFile.read(receipt).snapshot()).isNotEqualTo(proof.snapshot());
    try (CannedFlink flink = CannedFlink.start()) {
      assertThatThrownBy(() -> look(flink, receipt.toString(), GOLDEN_SETTINGS, proof))
          .isInstanceOf(BadSnapshotException.class);
    }
  }

  /** Of a snapshot that no proof of the receipt has read, every model is judged. */
  @Test
  void anotherSnapshotThanTheProvedOneIsRead() throws Exception {
    Path savepoint = Path.of(golden());
    ObjectNode json = GoldenReceipt.withoutSettings(Snapshot.open(savepoint.toString()));
    ((ObjectNode) json.get("snapshot")).put("checkpointId", 1_000_000);
    Path receipt = folder.resolve("other.json");
    GoldenReceipt.write(receipt, json, ReceiptKeys.NONE);
    Path file = stateFile(savepoint);
    Files.write(file, new byte[(int) Files.size(file)]);
    Receipt proof = ReceiptFile.read(receipt);
    try (CannedFlink flink = CannedFlink.start()) {
      assertThatThrownBy(() -> look(flink, receipt.toString(), GOLDEN_SETTINGS, proof))
          .isInstanceOf(BadSnapshotException.class);
    }
  }

  private Path receiptOf(Path savepoint) throws IOException {
    Snapshot snapshot = Snapshot.open(savepoint.toString());
    ObjectNode json = GoldenReceipt.withoutSettings(snapshot);
    ((ObjectNode) json.get("snapshot")).put("checkpointId", snapshot.checkpointId());
    Path receipt = folder.resolve("receipt.json");
    GoldenReceipt.write(receipt, json, ReceiptKeys.NONE);
    return receipt;
  }

  private static Path stateFile(Path savepoint) throws IOException {
    try (Stream<Path> files = Files.list(savepoint)) {
      return files.filter(file -> !file.endsWith("_metadata")).sorted().findFirst().orElseThrow();
    }
  }

  private String golden() throws IOException {
    Path golden = GoldenSavepoint.copyTo(folder.resolve("golden-" + copied++));
    if (!cluster.isEmpty()) {
      ObjectNode receipt = GoldenReceipt.withoutSettings(Snapshot.open(golden.toString()));
      ((ObjectNode) receipt.get("job")).put("kafkaClusterId", cluster);
      Files.writeString(golden.resolve(ReceiptFile.COPY_NAME), receipt.toString());
    }
    return golden.toString();
  }

  /**
   * The golden savepoint continues at 641 and 186: at a marker, and before an aborted transaction.
   */
  @Test
  void behindAMarkerNothingWaits() throws Exception {
    Finding finding =
        lookAtGolden(
            new CannedLog().records(640).committed(1),
            new CannedLog().records(186).aborted(3),
            new CannedLog().aborted(2));
    assertThat(finding.refusals()).isEmpty();
    assertThat(finding.waiting()).isEqualTo(Waiting.NONE);
  }

  @Test
  void whatCanBeReadWaitsAndWhatIsInOpenTransactionsDoesNot() throws Exception {
    Finding finding =
        lookAtGolden(
            new CannedLog().records(640).committed(1).committed(2).records(1).open(5),
            new CannedLog().records(186),
            new CannedLog().records(1));
    assertThat(finding.refusals()).isEmpty();
    assertThat(finding.waiting().inWords()).as("2 + 1, and a command").isEqualTo("4");
  }

  /** No matter whose transaction is open there: what was aborted comes by no waiting. */
  @ParameterizedTest
  @CsvSource({"CompleteAbort,true", "forgotten,true", "CompleteCommit,false", "Ongoing,false"})
  void answersOfAnAbortedTransactionAreMissingWhateverIsOpen(String state, boolean missing)
      throws Exception {
    try (CannedBroker broker = CannedBroker.start()) {
      broker
          .topic("snapshot.events", new CannedLog().records(641), new CannedLog().records(186))
          .topic("c", new CannedLog());
      for (String topic : List.of("p", "e", "d", "l", "g")) {
        broker.topic(topic, new CannedLog().committed(1).open(2));
      }
      for (PendingTransaction one :
          Snapshot.open("src/test/resources/golden/savepoint-flink-2.2").committables()) {
        if (!state.equals("forgotten")) {
          broker.transaction(one.transactionalId(), one.producerId(), one.epoch(), state);
        }
      }
      Finding finding = lookAtGolden(broker, false, "a job that is stopped first");
      String all = String.join("\n", finding.refusals()) + "\n" + finding.notes();
      assertThat(all.contains("[SLU-RESUME-ANSWERS-MISSING]")).as(all).isEqualTo(missing);
      assertThat(all.contains("transactions are open that may hold them"))
          .as(all)
          .isNotEqualTo(missing);
      assertThat(finding.missing() > 0).as("to be healed").isEqualTo(missing);
    }
  }

  /** What the brokers of another cluster know of the same names says nothing of the snapshot. */
  @Test
  void brokersOfAnotherClusterRefuseTheResume() throws Exception {
    cluster = "production";
    Finding finding = lookAtGolden(broker(), false, "");
    assertThat(finding.refusals())
        .singleElement()
        .asString()
        .contains("(canned)", "(production)", "flink run -s", "[SLU-RESUME-SETTINGS]");
    Finding copy = lookAtGolden(broker(), true, "");
    assertThat(copy.refusals()).isEmpty();
    assertThat(copy.notes()).anyMatch(note -> note.contains("(production)"));
  }

  @Test
  void anUnknownClusterIsNamedInTheResumesNotes() throws Exception {
    String notKnown = "not proved: that the brokers asked are of the job's Kafka cluster";
    assertThat(lookAtGolden(broker(), true, "").notes())
        .anyMatch(note -> note.startsWith(notKnown));
    cluster = CannedBroker.CLUSTER_ID;
    assertThat(lookAtGolden(broker(), true, "").notes())
        .noneMatch(note -> note.startsWith(notKnown));
  }

  private static CannedBroker broker() throws IOException {
    return CannedBroker.start()
        .topic("snapshot.events", new CannedLog().records(641), new CannedLog().records(186))
        .topic("c", new CannedLog());
  }

  private Finding lookAtGolden(CannedLog zero, CannedLog one, CannedLog control) throws Exception {
    try (CannedBroker broker =
        CannedBroker.start().topic("snapshot.events", zero, one).topic("c", control)) {
      return lookAtGolden(broker, true, "");
    }
  }

  private Finding lookAtGolden(CannedBroker broker, boolean fork, String mayRun) throws Exception {
    try (CannedFlink flink = CannedFlink.start().tell("/jobs/overview", "{\"jobs\":[]}")) {
      ResumePolicy policy =
          new ResumePolicy(
              golden(),
              flink.addresses(),
              folder.resolve("job.jar"),
              null,
              false,
              fork ? "copy" : null,
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
              folder,
              Duration.ofSeconds(5),
              List.of(),
              ReceiptKeys.NONE);
      JobManager jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(5));
      return new ResumePreflight(
              ToolServices.real(),
              new RunningCopies(jobManager, flink.addresses(), false, Time.system()),
              null,
              text -> {})
          .look(Resumable.open(policy), fork, mayRun, 0);
    }
  }

  private Finding look(CannedFlink flink, ModelState model) throws Exception {
    try (WrittenSnapshot written =
        new WrittenSnapshot(folder, new HashMapStateBackend(), false, given.meaning())) {
      String savepoint =
          written
              .key("LAS", model, Map.of())
              .take(
                  CheckpointProperties.forSyncSavepoint(
                      false, false, SavepointFormatType.CANONICAL));
      return look(flink, savepoint, Map.of("sluice.kafka.bootstrap-servers", "no-port"));
    }
  }

  private Finding look(CannedFlink flink, String savepoint, Map<String, String> settings)
      throws Exception {
    return look(flink, savepoint, settings, null);
  }

  private Finding look(
      CannedFlink flink, String savepoint, Map<String, String> settings, @Nullable Receipt proof)
      throws Exception {
    ResumePolicy policy =
        new ResumePolicy(
            savepoint,
            flink.addresses(),
            folder.resolve("job.jar"),
            null,
            false,
            null,
            false,
            settings,
            Map.of(),
            folder,
            Duration.ofSeconds(5),
            List.of(),
            ReceiptKeys.NONE);
    JobManager jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(5));
    return new ResumePreflight(
            ToolServices.real(),
            new RunningCopies(jobManager, flink.addresses(), false, Time.system()),
            proof,
            text -> {})
        .look(Resumable.open(policy), false, "", 0);
  }
}

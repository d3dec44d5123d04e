package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.GoldenReceipt;
import dev.sluice.support.KeyFiles;
import dev.sluice.tool.receipt.OlderModels;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.UntrustedReceiptException;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a resume and a rollback make of a receipt that is signed, and of one that is not. */
class SignedResumeTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RESUMED = "fedcba9876543210fedcba9876543210";
  private static final String UNSIGNED = "[SLU-RECEIPT-UNSIGNED]";
  private static final String FORGED = "[SLU-RECEIPT-SIGNATURE]";

  @TempDir Path folder;

  private CannedFlink flink;
  private Snapshot snapshot;
  private Path file = Path.of("");
  private ReceiptKeys signer;
  private ReceiptKeys checker;

  @BeforeEach
  void writeASignedReceipt() throws Exception {
    flink = CannedFlink.start();
    KeyFiles keys = KeyFiles.in(folder, "ours");
    signer = ReceiptKeys.of(keys.secret(), null);
    checker = ReceiptKeys.of(null, keys.open());
    snapshot = Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString());
    file = Files.createDirectory(folder.resolve("stops")).resolve("receipt-sluice-fedcba98.json");
    GoldenReceipt.write(file, GoldenReceipt.of(snapshot), signer);
    ReceiptFile.write(sibling(), ReceiptFile.read(file), signer);
  }

  @AfterEach
  void stop() {
    flink.close();
  }

  @Test
  void oneThatTheKeyHasSignedIsOpened() throws Exception {
    for (String from : List.of(file.toString(), snapshot.uri())) {
      for (ReceiptKeys keys : List.of(signer, checker)) {
        assertThat(Resumable.open(policy(from, keys)).signed()).isTrue();
      }
      assertThat(Resumable.open(policy(from, ReceiptKeys.NONE)).signed()).isFalse();
    }
  }

  /** A signature vouches for bytes that are read, not for those that were read before. */
  @Test
  void whatIsSignedIsReadThoughItWasProvedJustNow() throws Exception {
    ObjectNode json = GoldenReceipt.of(snapshot);
    ((ObjectNode) json.get("snapshot")).put("checkpointId", snapshot.checkpointId());
    GoldenReceipt.write(file, json, signer);
    Receipt proof = ReceiptFile.read(file);
    assertThat(Resumable.open(policy(file.toString(), checker)).filesOf(proof)).isEmpty();
    assertThat(Resumable.open(policy(file.toString(), ReceiptKeys.NONE)).filesOf(proof))
        .isNotEmpty();
  }

  @Test
  void noneElseIsAndNothingIsAsked() throws Exception {
    ReceiptKeys other = ReceiptKeys.of(KeyFiles.in(folder, "other").secret(), null);
    refused(other, FORGED);
    String json = Files.readString(file);
    for (Path each : List.of(file, sibling())) {
      Files.writeString(each, json.replaceFirst("\"parallelism\" : \\d+", "\"parallelism\" : 77"));
    }
    refused(signer, FORGED);
    refused(checker, FORGED);
    for (Path each : List.of(file, sibling())) {
      ReceiptFile.write(each, ReceiptFile.read(each), ReceiptKeys.NONE);
    }
    refused(checker, UNSIGNED);
    Files.delete(sibling());
    assertThatThrownBy(() -> Resumable.open(policy(snapshot.uri(), checker)))
        .hasMessageContaining("there is no receipt next to")
        .hasMessageEndingWith(UNSIGNED);
    assertThat(Resumable.open(policy(snapshot.uri(), ReceiptKeys.NONE)).receipt()).isNull();
    assertThat(flink.asked()).isEmpty();
  }

  private void refused(ReceiptKeys keys, String code) {
    for (String from : List.of(file.toString(), snapshot.uri())) {
      assertThatThrownBy(
              () -> new Resume(ToolServices.real(), policy(from, keys), text -> {}).run(true))
          .isInstanceOf(UntrustedReceiptException.class)
          .hasMessageEndingWith(code);
    }
    Rollback back =
        new Rollback(
            ToolServices.real(), policy(file.toString(), keys), null, Duration.ofSeconds(1));
    assertThatThrownBy(() -> back.run(event -> {}, text -> {}, true)).hasMessageEndingWith(code);
    assertThatThrownBy(() -> new ModelRollback(back, null, text -> {}).run(event -> {}))
        .hasMessageEndingWith(code);
  }

  /** A user who can write the savepoint can replace it by another one, with its receipt. */
  @Test
  void aSignedReceiptIsNoneOfAnotherSnapshot() throws Exception {
    Path elsewhere = GoldenSavepoint.copyTo(folder.resolve("elsewhere"));
    Files.copy(sibling(), elsewhere.resolve(ReceiptFile.COPY_NAME));
    Resumable copy = Resumable.open(policy(elsewhere.toString(), checker));
    assertThat(copy.changedFiles(SnapshotFiles.check(copy.snapshot()).files())).isEmpty();
    List<Receipt.StoredFile> more = new ArrayList<>(SnapshotFiles.check(copy.snapshot()).files());
    more.add(new Receipt.StoredFile("file:/evil", 1, "00"));
    assertThat(copy.changedFiles(more)).singleElement().asString().contains("evil");
    Resumable unsigned = Resumable.open(policy(elsewhere.toString(), ReceiptKeys.NONE));
    assertThat(unsigned.changedFiles(more)).as("only damage is searched for").isEmpty();
  }

  /** The receipt of the snapshot that has lost answers vouches for no other one. */
  @Test
  void aSnapshotThatHealsNeedsASignedReceiptOfItsOwn() throws Exception {
    ObjectNode json = GoldenReceipt.of(snapshot);
    ((ObjectNode) json.path("snapshot").path("files").path(0)).put("sha256", "ab".repeat(32));
    GoldenReceipt.write(file, json, signer);
    Path older = GoldenSavepoint.copyTo(folder.resolve("older"));
    Snapshot healing = Snapshot.open(older.toString());
    ResumePolicy policy = policy(file.toString(), checker);
    Resumable lost = Resumable.open(policy);
    assertThatThrownBy(() -> lost.from(healing, policy)).hasMessageEndingWith(UNSIGNED);
    GoldenReceipt.write(
        older.resolve(ReceiptFile.COPY_NAME), GoldenReceipt.of(healing), ReceiptKeys.NONE);
    assertThatThrownBy(() -> lost.from(healing, policy)).hasMessageEndingWith(UNSIGNED);
    GoldenReceipt.write(older.resolve(ReceiptFile.COPY_NAME), GoldenReceipt.of(healing), signer);
    List<Receipt.StoredFile> files = SnapshotFiles.check(healing).files();
    assertThat(lost.from(healing, policy).changedFiles(files)).isEmpty();
    assertThat(lost.changedFiles(files)).as("by the other receipt").isNotEmpty();
  }

  /** It is resumed at once, and by the same key; here its brokers can't be asked. */
  @Test
  void aModelsOnlyRollbackSignsItsReceipt() throws Exception {
    Snapshot newest = Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("newest")).toString());
    Path onto = file.resolveSibling("receipt-newest.json");
    GoldenReceipt.write(onto, GoldenReceipt.of(newest), signer);
    Files.createFile(folder.resolve("job.jar"));
    flink.tell("/config", "{\"features\":{\"web-submit\":true}}");
    flink.tell("/jobs/overview", "{\"jobs\":[]}");
    Rollback back =
        new Rollback(
            ToolServices.real(), policy(file.toString(), signer), null, Duration.ofSeconds(1));
    Rollback.Result result = new ModelRollback(back, onto, text -> {}).run(event -> {});
    assertThat(result.resume()).as(result.text()).isNotNull();
    Path written;
    try (Stream<Path> stops = Files.list(folder.resolve("stops"))) {
      written =
          stops
              .filter(each -> each.getFileName().toString().startsWith("receipt-sluice-models-"))
              .findFirst()
              .orElseThrow();
    }
    Receipt mixed = ReceiptFile.read(written, checker);
    assertThat(OlderModels.in(mixed)).contains(snapshot.uri());
    Path savepoint = Path.of(URI.create(Objects.requireNonNull(mixed.snapshot()).uri()));
    assertThat(ReceiptFile.read(savepoint.resolve(ReceiptFile.COPY_NAME), checker))
        .isEqualTo(mixed);
  }

  @Test
  void aResumptionIsSignedWithTheRest() throws Exception {
    assertThat(record(signer)).isEmpty();
    for (Path each : List.of(file, sibling())) {
      assertThat(ReceiptFile.read(each, checker).resumptions())
          .extracting(Receipt.Resumption::jobId)
          .containsExactly(RESUMED);
    }
    ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
    json.putArray("resumptions");
    assertThatThrownBy(() -> ReceiptFile.parse(JSON.writeValueAsBytes(json), "r", checker))
        .as("without the resumption")
        .hasMessageEndingWith(FORGED);
  }

  @Test
  void whoCannotSignEndsTheSignatureAndSaysSo() throws Exception {
    byte[] signed = Files.readAllBytes(file);
    Path kept = ReceiptFile.signedCopy(file);
    assertThat(record(checker)).contains("is not signed any more", "--sign", kept.toString());
    assertThat(kept).hasBinaryContent(signed);
    assertThat(ReceiptFile.read(kept, checker).resumptions()).isEmpty();
    assertThatThrownBy(() -> ReceiptFile.read(file, checker)).hasMessageEndingWith(UNSIGNED);
    assertThat(record(ReceiptKeys.NONE)).as("it was not signed").isEmpty();
  }

  @Test
  void whoKnowsNoKeyEndsItToo() throws Exception {
    assertThat(record(ReceiptKeys.NONE)).contains("is not signed any more");
  }

  /** Another user has changed the file while the job started. */
  @Test
  void aResumptionIsNotAddedToWhatNobodySigned() throws Exception {
    Resumable from = Resumable.open(policy(file.toString(), signer));
    ReceiptFile.write(file, ReceiptFile.read(file), ReceiptKeys.NONE);
    Finding finding = Finding.refused(snapshot.uri(), List.of(), List.of());
    ResumePolicy policy = policy(file.toString(), signer);
    assertThat(
            new ResumptionRecord(policy, from, finding, text -> {}, Time.system()).runs(RESUMED, 3))
        .contains("can't be written", UNSIGNED);
    assertThat(ReceiptFile.read(file).resumptions()).isEmpty();
  }

  /** Who names the snapshot alone knows the receipt from its copy. */
  @Test
  void aSignatureThatEndsBesideTheSnapshotIsToldToo() throws Exception {
    byte[] signed = Files.readAllBytes(sibling());
    String reported = record(snapshot.uri(), ReceiptKeys.NONE);
    assertThat(reported).contains("is not signed any more");
    assertThatThrownBy(() -> ReceiptFile.read(sibling(), checker)).hasMessageEndingWith(UNSIGNED);
    Path kept = ReceiptFile.signedCopy(sibling());
    assertThat(kept).hasBinaryContent(signed);
    assertThat(reported)
        .endsWith(
            "; as it was signed it is in %s/%s".formatted(snapshot.uri(), kept.getFileName()));
  }

  /** The receipt that was named is of the snapshot that has lost answers, and stays as it is. */
  @Test
  void ofAnotherSnapshotNoSignatureIsSaidToEnd() throws Exception {
    Snapshot healing = Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("healing")).toString());
    byte[] before = Files.readAllBytes(file);
    ResumePolicy policy = policy(file.toString(), ReceiptKeys.NONE);
    Resumable from = Resumable.open(policy).from(healing, policy);
    List<String> reported = new ArrayList<>();
    ResumptionRecord record =
        new ResumptionRecord(
            policy,
            from,
            Finding.refused(healing.uri(), List.of(), List.of()),
            reported::add,
            Time.system());
    record.asks(RESUMED);
    record.isTaken(RESUMED);
    assertThat(record.runs(RESUMED, 3)).isEmpty();
    assertThat(reported).isEmpty();
    assertThat(file).hasBinaryContent(before);
    assertThat(sibling()).hasBinaryContent(before);
  }

  /** Flink may refuse the job, and the receipt is to be trusted then as it was. */
  @Test
  void nothingIsWrittenBeforeTheJobIsTakenThatWouldEndASignature() throws Exception {
    byte[] before = Files.readAllBytes(file);
    for (ReceiptKeys keys : List.of(checker, ReceiptKeys.NONE)) {
      List<String> messages = new ArrayList<>();
      ResumptionRecord record = recordOf(file.toString(), keys, messages);
      record.asks(RESUMED);
      assertThat(messages).singleElement().asString().contains("the signature of the receipt ends");
      record.isRefused();
      record.isAnothers(RESUMED);
      assertThat(file).hasBinaryContent(before);
      assertThat(sibling()).hasBinaryContent(before);
    }
    ResumptionRecord record = recordOf(file.toString(), signer);
    record.asks(RESUMED);
    assertThat(ReceiptFile.read(file, checker).resumptions())
        .extracting(Receipt.Resumption::state)
        .containsExactly(Receipt.Resumption.State.ASKED);
    record.isRefused();
    assertThat(ReceiptFile.read(file, checker).resumptions()).isEmpty();
    assertThat(ReceiptFile.read(sibling(), checker).resumptions()).isEmpty();
  }

  /** The signature ends when Flink has taken the job; what is written later is the same job's. */
  @Test
  void whoHasEndedTheSignatureWritesOn() throws Exception {
    ResumptionRecord record = recordOf(file.toString(), checker);
    record.asks(RESUMED);
    record.isTaken(RESUMED);
    assertThat(record.runs(RESUMED, 3)).contains("is not signed any more");
    for (Path each : List.of(file, sibling())) {
      assertThat(ReceiptFile.read(each).resumptions())
          .extracting(Receipt.Resumption::state)
          .containsExactly(Receipt.Resumption.State.RUNS);
    }
  }

  private String record(ReceiptKeys keys) throws Exception {
    return record(file.toString(), keys);
  }

  private String record(String from, ReceiptKeys keys) throws Exception {
    return recordOf(from, keys).runs(RESUMED, 3);
  }

  private ResumptionRecord recordOf(String from, ReceiptKeys keys) throws Exception {
    return recordOf(from, keys, new ArrayList<>());
  }

  private ResumptionRecord recordOf(String from, ReceiptKeys keys, List<String> messages)
      throws Exception {
    ResumePolicy policy = policy(from, keys);
    Finding finding = Finding.refused(snapshot.uri(), List.of(), List.of());
    return new ResumptionRecord(
        policy, Resumable.open(policy), finding, messages::add, Time.system());
  }

  private Path sibling() {
    return folder.resolve("savepoint").resolve(ReceiptFile.COPY_NAME);
  }

  private ResumePolicy policy(String from, ReceiptKeys keys) {
    return new ResumePolicy(
        from,
        flink.addresses(),
        folder.resolve("job.jar"),
        null,
        false,
        null,
        false,
        Map.of("sluice.kafka.bootstrap-servers", "no-port"),
        Map.of(),
        folder.resolve("stops"),
        Duration.ofSeconds(5),
        List.of(),
        keys);
  }
}

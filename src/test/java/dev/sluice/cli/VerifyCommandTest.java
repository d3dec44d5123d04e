package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import dev.sluice.ops.snapshot.GoldenSavepoint;
import dev.sluice.ops.snapshot.Snapshot;
import dev.sluice.support.CannedBroker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code verify} makes of a whole savepoint whose stop was not proved. */
class VerifyCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final String TRUSTED = "It may be trusted.";
  private static final String NOT_TRUSTED = "It must not be trusted.";
  private static final String LOST =
      "outcomes learned have gone back from 1,354 at the stop before to 354: models were lost";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private CannedBroker broker;
  private Path savepoint = Path.of("");
  private Path file = Path.of("");

  VerifyCommandTest() throws IOException {
    broker =
        CannedBroker.start()
            .transaction("snapshot-0-3", 5, 1, "CompleteCommit")
            .transaction("snapshot-1-3", 6, 1, "CompleteCommit");
  }

  @BeforeEach
  void copySavepoint() throws IOException {
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toAbsolutePath();
    file = Files.createDirectory(folder.resolve("stops")).resolve("receipt-j-01234567.json");
  }

  @AfterEach
  void endBroker() throws IOException {
    broker.close();
  }

  @Test
  void aProvedStopIsTrusted() throws Exception {
    write(receipt(Receipt.Outcome.PROVED, "ok", "every task has finished"));
    assertThat(verify(savepoint.toString())).as(said()).isZero();
    assertThat(said()).contains(TRUSTED);
    assertThat(verify(file.toString())).as(said()).isZero();
  }

  @Test
  void whatTheStopHasFoundOutIsAProblemOfTheSavepointToo() throws Exception {
    write(receipt(Receipt.Outcome.UNPROVED, "ok", "every task has finished", LOST));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains("PROBLEM", LOST, NOT_TRUSTED).doesNotContain(TRUSTED);
    assertThat(verify(savepoint.toString(), "-o", "json")).isEqualTo(5);
    JsonNode json = JSON.readTree(out.toString());
    assertThat(json.path("good").asBoolean()).isFalse();
    assertThat(json.path("proved").asBoolean()).isFalse();
    assertThat(json.path("stopProblems").path(0).asText()).contains(LOST);
  }

  /** Anybody can write a receipt beside a savepoint. */
  @Test
  void aReceiptPrintsNothingThatATerminalWouldObey() throws Exception {
    write(
        receipt(Receipt.Outcome.UNPROVED, "ok", "every task has finished", "\u001b[2J" + LOST)
            .notProving(List.of("\u001b[2Ja clause")));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains(LOST, "a clause").doesNotContain("\u001b");
  }

  /** As of a savepoint that was copied to where the tool could not write. */
  @Test
  void theReceiptThatIsNamedCountsWhereNoneIsBesideTheSavepoint() throws Exception {
    Receipt receipt = receipt(Receipt.Outcome.UNPROVED, "failed", "Flink does not answer", LOST);
    ReceiptFile.write(file, receipt);
    assertThat(verify(file.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains(LOST, NOT_TRUSTED);
  }

  /** What is read and asked for again now is judged by what it comes to now. */
  @Test
  void whatIsReadNowIsNotHeldAgainstIt() throws Exception {
    write(
        receipt(
            Receipt.Outcome.UNPROVED,
            "ok",
            "every task has finished",
            "%s/23 could not be read: Connection reset".formatted(uri()),
            "the models of %s were not read: there is no room".formatted(uri()),
            "transaction snapshot-0-3 of the savepoint is open, not committed: wait"));
    assertThat(verify(savepoint.toString())).as(said()).isZero();
  }

  @Test
  void aReceiptWhoseProofHasNotEndedDecidesNothing() throws Exception {
    ReceiptFile.write(
        file,
        receipt(
                Receipt.Outcome.UNPROVED,
                "failed",
                "Flink does not answer",
                "the proof has not come to its end: the savepoint's 3 files have not been read yet")
            .ofUnfinishedProof());
    assertThat(verify(file.toString())).as(said()).isEqualTo(7);
  }

  @Test
  void aJobThatFailedWhileItStoppedIsANoteTheFirstTimeAndTheSecond() throws Exception {
    write(
        receipt(
            Receipt.Outcome.UNPROVED,
            "failed",
            "the job failed while it stopped: a task died",
            "%s/23 could not be read: Connection reset".formatted(uri())));
    for (String time : List.of("first", "second")) {
      assertThat(verify(file.toString())).as(time + said()).isZero();
      assertThat(said())
          .as(time)
          .contains("Note", "the job failed before it had finished", "Nothing that was looked at")
          .doesNotContain(NOT_TRUSTED, TRUSTED);
    }
    assertThat(ReceiptFile.read(file).outcome()).isEqualTo(Receipt.Outcome.FAILED_WHILE_STOPPING);
  }

  @Test
  void ofAJobThatWritesAtLeastOnceItIsSaidWhatIsNotProved() throws Exception {
    assertThat(verify(savepoint.toString(), "--sluice.sink.delivery-guarantee", "at-least-once"))
        .as(said())
        .isZero();
    assertThat(said())
        .contains("Note      not proved: that no answer is missing, doubled or open")
        .doesNotContain(TRUSTED);
  }

  private String uri() throws IOException {
    return Snapshot.open(savepoint.toString()).uri();
  }

  private void write(Receipt receipt) throws IOException {
    ReceiptFile.write(file, receipt);
    ReceiptFile.write(savepoint.resolve(ReceiptFile.BESIDE), receipt);
  }

  private Receipt receipt(Receipt.Outcome outcome, String finished, String text, String... problems)
      throws IOException {
    return new Receipt(
        Receipt.VERSION,
        "sluice",
        outcome,
        NOON,
        NOON,
        new Receipt.Job(
            ID,
            "j",
            "2.2.1",
            "1",
            2,
            new TreeMap<>(
                Map.of(
                    "sluice.kafka.bootstrap-servers",
                    broker.servers(),
                    "sluice.sink.transactional-id-prefix",
                    "snapshot")),
            "0".repeat(64),
            new TreeMap<>()),
        new Receipt.Snapshot(uri(), "savepoint", 3, "canonical", false, 0, List.of()),
        new TreeMap<>(),
        List.of(),
        null,
        List.of(new Receipt.StepLine("finished", NOON, 1, finished, text)),
        List.of(problems),
        List.of(),
        new Receipt.Resume("sluice resume x", "flink run x"),
        List.of());
  }

  private int verify(String what, String... more) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> line =
        new ArrayList<>(
            List.of(
                "verify",
                what,
                "--journal",
                folder.resolve("stops").toString(),
                "--sluice.kafka.bootstrap-servers",
                broker.servers()));
    line.addAll(List.of(more));
    return Sluice.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line.toArray(String[]::new));
  }

  private String said() {
    return out.toString() + err;
  }
}

package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
  private static final String RESUMED = "a".repeat(32);
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
    for (String output :
        List.of("predictions", "evaluations", "dead-letters", "control-log", "deferred")) {
      broker.topic("sluice." + output, new CannedLog());
    }
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
    write(receipt(StopResult.Kind.PROVED, "ok", "every task has finished"));
    assertThat(verify(savepoint.toString())).as(said()).isZero();
    assertThat(said()).contains(TRUSTED);
    assertThat(verify(file.toString())).as(said()).isZero();
  }

  @Test
  void whatTheStopHasFoundOutIsAProblemOfTheSavepointToo() throws Exception {
    write(receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", LOST));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains("PROBLEM", LOST, NOT_TRUSTED).doesNotContain(TRUSTED);
    assertThat(verify(savepoint.toString(), "-o", "json")).isEqualTo(5);
    JsonNode json = JSON.readTree(out.toString());
    assertThat(json.path("good").asBoolean()).isFalse();
    assertThat(json.path("proved").asBoolean()).isFalse();
    assertThat(json.path("stopProblems").path(0).asText()).contains(LOST);
  }

  /** Anyone can write a receipt next to a savepoint. */
  @Test
  void aReceiptPrintsNothingThatATerminalWouldObey() throws Exception {
    write(
        receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", "\u001b[2J" + LOST)
            .notProving(List.of("\u001b[2Ja clause")));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains(LOST, "a clause").doesNotContain("\u001b");
  }

  /** As of a savepoint that was copied to where the tool could not write. */
  @Test
  void theReceiptThatIsNamedCountsWhereNoneIsBesideTheSavepoint() throws Exception {
    Receipt receipt = receipt(StopResult.Kind.UNPROVED, "failed", "Flink does not answer", LOST);
    ReceiptFile.write(file, receipt, ReceiptKeys.NONE);
    assertThat(verify(file.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains(LOST, NOT_TRUSTED);
  }

  /** What is read and asked for again now is judged by what it comes to now. */
  @Test
  void whatIsReadNowIsNotHeldAgainstIt() throws Exception {
    write(
        receipt(
            StopResult.Kind.UNPROVED,
            "ok",
            "every task has finished",
            "%s/23 could not be read: Connection reset".formatted(uri()),
            "the models of %s were not read: there is no room".formatted(uri()),
            "transaction snapshot-0-3 of the savepoint is open, not committed: wait"));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(7);
    assertThat(said())
        .contains("its stop was not proved: it is not proved again", "name the file of its receipt")
        .doesNotContain("could not be read", "were not read", "is open", TRUSTED, NOT_TRUSTED);
    assertThat(verify(file.toString())).as("proved again" + said()).isZero();
  }

  /** Its counters, for example, are not compared: that nothing else is wrong proves nothing. */
  @Test
  void aStopThatIsNotProvedAgainIsNeverTrusted() throws Exception {
    String unread = "%s/23 could not be read: Connection reset".formatted(uri());
    Receipt unproved = receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", unread);
    ReceiptFile.write(
        file.resolveSibling("receipt-j-before.json"), earlier(1_000_000), ReceiptKeys.NONE);
    for (Receipt.Resumption.State state : Receipt.Resumption.State.values()) {
      write(unproved.with(resumption(state)));
      assertThat(verify(file.toString())).as(state + said()).isEqualTo(7);
      assertThat(said())
          .as(state.code())
          .contains("its stop was not proved: it is not proved again", RESUMED)
          .doesNotContain(TRUSTED, NOT_TRUSTED);
      assertThat(verify(file.toString(), "-o", "json")).isEqualTo(7);
      JsonNode json = JSON.readTree(out.toString());
      assertThat(json.path("good").asBoolean()).as(state.code()).isFalse();
      assertThat(json.path("proved").asBoolean()).as(state.code()).isFalse();
      assertThat(json.path("undecided").asBoolean()).as(state.code()).isTrue();
    }
    write(unproved);
    assertThat(verify(file.toString())).as("without one" + said()).isEqualTo(5);
    assertThat(said()).contains("outcomes learned have gone back from 1,000,000");
  }

  /** Who resumes by the savepoint's place writes it down there alone. */
  @Test
  void aResumptionThatOnlyTheCopyTellsOfIsJudgedTheSameEachTime() throws Exception {
    String unread = "%s/23 could not be read: Connection reset".formatted(uri());
    for (String problem : List.of(unread, LOST)) {
      Receipt unproved =
          receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", problem);
      write(unproved);
      ReceiptFile.write(
          savepoint.resolve(ReceiptFile.COPY_NAME),
          unproved.with(resumption(Receipt.Resumption.State.RUNS)),
          ReceiptKeys.NONE);
      int code = problem.equals(LOST) ? 5 : 7;
      for (String time : List.of("first", "second")) {
        assertThat(verify(file.toString())).as(time + said()).isEqualTo(code);
        assertThat(said())
            .as(time)
            .contains("its stop was not proved: it is not proved again", RESUMED)
            .doesNotContain("failed; proved again", TRUSTED);
        assertThat(said().contains(LOST)).as(time).isEqualTo(code == 5);
      }
    }
  }

  private static Receipt.Resumption resumption(Receipt.Resumption.State state) {
    return new Receipt.Resumption(NOON.plusSeconds(9), RESUMED, 2, 0L, 0, state);
  }

  /** A tool wrote down that it was about to ask for the job, and died before it had asked. */
  @Test
  void aResumptionThatNeverWasHindersNoProof() throws Exception {
    String unread = "%s/23 could not be read: Connection reset".formatted(uri());
    Receipt unproved = receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", unread);
    ReceiptFile.write(
        file.resolveSibling("receipt-j-before.json"), earlier(1_000_000), ReceiptKeys.NONE);
    String status = "/jobs/" + RESUMED + "/status";
    try (CannedFlink flink = CannedFlink.start()) {
      String rest = flink.addresses().get(0).toString();
      write(unproved.with(asked(Duration.ZERO)));
      assertThat(verify(file.toString(), "--rest", rest)).as("under way" + said()).isEqualTo(7);

      write(unproved.with(asked(Duration.ofHours(1))));
      flink.tell(status, "{\"status\":\"FAILED\"}");
      assertThat(verify(file.toString(), "--rest", rest)).as("there" + said()).isEqualTo(7);
      flink.forget(status);
      flink.fail(status);
      assertThat(verify(file.toString(), "--rest", rest)).as("silent" + said()).isEqualTo(7);
      assertThat(said()).contains("whether Flink took that job was not written down");
      flink.heal(status);
      assertThat(verify(file.toString(), "--rest", rest)).as("never" + said()).isEqualTo(5);
      assertThat(said()).contains("outcomes learned have gone back from 1,000,000", NOT_TRUSTED);

      broker.transaction("snapshot-0-4", 5, 1, "Empty");
      write(unproved.with(asked(Duration.ofHours(1))));
      assertThat(verify(file.toString(), "--rest", rest)).as("forgotten" + said()).isEqualTo(7);
    }
  }

  private static Receipt.Resumption asked(Duration ago) {
    return new Receipt.Resumption(
        Instant.now().minus(ago), RESUMED, 2, 0L, 0, Receipt.Resumption.State.ASKED);
  }

  /** As after a rollback: the sink of the older snapshot takes the names of the newer one again. */
  @Test
  void aTransactionThatWasCommittedStaysSoOnceItsNameIsTakenOver() throws Exception {
    broker.transaction("snapshot-0-3", 5, 2, "Empty");
    write(recorded(StopResult.Kind.PROVED, List.of(), "committed"));
    for (String what : List.of(savepoint.toString(), file.toString())) {
      assertThat(verify(what)).as(said()).isZero();
      assertThat(said())
          .contains("Note", "snapshot-0-3 is committed", "as its receipt has it")
          .doesNotContain("is fenced", NOT_TRUSTED);
    }
    write(recorded(StopResult.Kind.PROVED, List.of(), "open"));
    assertThat(verify(file.toString())).as("it was not seen to end" + said()).isEqualTo(5);
    assertThat(said()).contains("snapshot-0-3 is fenced", NOT_TRUSTED);
  }

  /** Some days after the stop the brokers know the transactional id no more. */
  @Test
  void anAbortedTransactionStaysAProblemOnceForgotten() throws Exception {
    String aborted = "transaction snapshot-0-3 of the savepoint is aborted, not committed: gone";
    forget("snapshot-0-3");
    write(receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", aborted));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains(aborted, NOT_TRUSTED);

    write(recorded("aborted", aborted));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains("snapshot-0-3 is aborted", "as its receipt has it", NOT_TRUSTED);
    assertThat(verify(file.toString())).as("proved again" + said()).isEqualTo(5);
    assertThat(ReceiptFile.read(file).transactions())
        .extracting(Receipt.Transaction::fate)
        .as("what was found while the brokers knew")
        .containsExactly("aborted", "committed");
    assertThat(verify(savepoint.toString())).as("afterwards" + said()).isEqualTo(5);
  }

  @Test
  void whatIsForgottenAndWasNotSeenToEndIsNotForgiven() throws Exception {
    String open = "transaction snapshot-0-3 of the savepoint is open, not committed: wait";
    forget("snapshot-0-3");
    write(recorded("open", open));
    assertThat(verify(savepoint.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains(open, NOT_TRUSTED);
  }

  @Test
  void aCommittedTransactionIsProvedOnceForgotten() throws Exception {
    forget("snapshot-0-3");
    write(recorded("committed", "the models of %s were not read: no room".formatted(uri())));
    assertThat(verify(file.toString())).as(said()).isZero();
    assertThat(said()).contains("Note", "snapshot-0-3 is committed", "as its receipt has it");
    assertThat(ReceiptFile.read(file).outcome()).isEqualTo(StopResult.Kind.PROVED);
  }

  /** Of a job that failed while it stopped the brokers forget the fates of its transactions. */
  @Test
  void theProofOfAFailedJobRecordsItsTransactionsFates() throws Exception {
    broker.transaction("snapshot-0-3", 5, 0, "Ongoing");
    String unread = "%s/23 could not be read: Connection reset".formatted(uri());
    write(
        receipt(
            StopResult.Kind.UNPROVED, "failed", "the job failed while it stopped: died", unread));
    assertThat(verify(file.toString())).as(said()).isZero();
    assertThat(ReceiptFile.read(file).transactions())
        .extracting(Receipt.Transaction::fate)
        .containsExactly("open", "committed");
  }

  /** The journal is the operator's; the receipt lies where the stop's flag says. */
  @Test
  void aReceiptThatLiesElsewhereIsComparedWithTheJournals() throws Exception {
    String unread = "%s/23 could not be read: Connection reset".formatted(uri());
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere")).resolve("receipt.json");
    ReceiptFile.write(
        elsewhere,
        receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", unread),
        ReceiptKeys.NONE);
    Path before = file.resolveSibling("receipt-j-before.json");
    ReceiptFile.write(before, earlier(1_000_000), ReceiptKeys.NONE);
    assertThat(verify(elsewhere.toString())).as(said()).isEqualTo(5);
    assertThat(said())
        .contains("outcomes learned have gone back from 1,000,000", before + ") to", NOT_TRUSTED);

    ReceiptFile.write(before, earlier(1), ReceiptKeys.NONE);
    assertThat(verify(elsewhere.toString())).as(said()).isZero();
    assertThat(said()).contains("Compared  its counters with those of " + before, TRUSTED);

    ReceiptFile.write(
        elsewhere,
        receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", unread),
        ReceiptKeys.NONE);
    Path own = elsewhere.resolveSibling("receipt-j-before.json");
    Files.move(before, own);
    assertThat(verify(elsewhere.toString())).as(said()).isZero();
    assertThat(said()).contains("Compared  its counters with those of " + own);

    ReceiptFile.write(
        elsewhere,
        receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", unread),
        ReceiptKeys.NONE);
    Files.delete(own);
    assertThat(verify(elsewhere.toString())).as(said()).isZero();
    assertThat(said())
        .contains("Note      not proved: that no models were lost since the stop before")
        .doesNotContain(TRUSTED, "its counters with");
    assertThat(String.join(" ", ReceiptFile.read(elsewhere).warnings()))
        .contains("no receipt in %s or in %s".formatted(file.getParent(), elsewhere.getParent()));
  }

  /** The receipt of the stop before need not lie in the journal either. */
  @Test
  void theStopBeforeIsFoundWhereItsReceiptWasToBe() throws Exception {
    String unread = "%s/23 could not be read: Connection reset".formatted(uri());
    write(receipt(StopResult.Kind.UNPROVED, "ok", "every task has finished", unread));
    Path before = Files.createDirectory(folder.resolve("elsewhere")).resolve("before.json");
    ReceiptFile.write(before, earlier(1_000_000), ReceiptKeys.NONE);
    String entry = Files.readString(Path.of("src/test/resources/golden/journal/version-4.json"));
    Files.writeString(
        file.resolveSibling("f".repeat(32) + ".json"),
        entry.replace("\"receipt\":null", "\"receipt\":\"%s\"".formatted(before)));
    assertThat(verify(file.toString())).as(said()).isEqualTo(5);
    assertThat(said()).contains("outcomes learned have gone back from 1,000,000");
  }

  /** Of the stop that the job was resumed from. */
  private Receipt earlier(long updates) throws IOException {
    Receipt of = receipt(StopResult.Kind.PROVED, "ok", "every task has finished");
    return new Receipt(
        of.receiptVersion(),
        of.tool(),
        of.outcome(),
        NOON.minusSeconds(3600),
        NOON.minusSeconds(3600),
        of.job(),
        of.snapshot(),
        of.sourceOffsets(),
        of.transactions(),
        new Receipt.Models(1, 1, 1, updates, 0, 0, 0, 0),
        of.steps(),
        of.problems(),
        of.warnings(),
        of.resume(),
        List.of(
            new Receipt.Resumption(
                NOON.minusSeconds(3000), ID, 2, 0L, 0, Receipt.Resumption.State.RUNS)),
        false,
        List.of());
  }

  /** Its name is assigned again, as after transactional.id.expiration.ms. */
  private void forget(String transactionalId) {
    broker.transaction(transactionalId, 99, 0, "Empty");
  }

  private Receipt recorded(String fate, String problem) throws IOException {
    return recorded(StopResult.Kind.UNPROVED, List.of(problem), fate);
  }

  private Receipt recorded(StopResult.Kind outcome, List<String> problems, String fate)
      throws IOException {
    Receipt of = receipt(outcome, "ok", "every task has finished", problems.toArray(String[]::new));
    return new Receipt(
        of.receiptVersion(),
        of.tool(),
        of.outcome(),
        of.startedAt(),
        of.endedAt(),
        of.job(),
        of.snapshot(),
        of.sourceOffsets(),
        List.of(
            new Receipt.Transaction("snapshot-0-3", 5, 0, fate),
            new Receipt.Transaction("snapshot-1-3", 6, 0, "committed")),
        of.models(),
        of.steps(),
        of.problems(),
        of.warnings(),
        of.resume(),
        of.resumptions(),
        false,
        List.of());
  }

  @Test
  void aReceiptWhoseProofHasNotEndedDecidesNothing() throws Exception {
    ReceiptFile.write(
        file,
        receipt(
                StopResult.Kind.UNPROVED,
                "failed",
                "Flink does not answer",
                "the proof has not come to its end: the savepoint's 3 files have not been read yet")
            .ofUnfinishedProof(),
        ReceiptKeys.NONE);
    assertThat(verify(file.toString())).as(said()).isEqualTo(7);
  }

  @Test
  void aJobThatFailedWhileItStoppedIsANoteTheFirstTimeAndTheSecond() throws Exception {
    write(
        receipt(
            StopResult.Kind.UNPROVED,
            "failed",
            "the job failed while it stopped: a task died",
            "%s/23 could not be read: Connection reset".formatted(uri())));
    for (String time : List.of("first", "second")) {
      assertThat(verify(file.toString())).as(time + said()).isZero();
      assertThat(said())
          .as(time)
          .contains("Note", "the job failed before it had finished", "Nothing that was checked")
          .doesNotContain(NOT_TRUSTED, TRUSTED);
    }
    assertThat(ReceiptFile.read(file).outcome()).isEqualTo(StopResult.Kind.FAILED_WHILE_STOPPING);
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
    ReceiptFile.write(file, receipt, ReceiptKeys.NONE);
    ReceiptFile.write(savepoint.resolve(ReceiptFile.COPY_NAME), receipt, ReceiptKeys.NONE);
  }

  private Receipt receipt(StopResult.Kind outcome, String finished, String text, String... problems)
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
            new TreeMap<>(),
            CannedBroker.CLUSTER_ID),
        new Receipt.Snapshot(uri(), "savepoint", 3, "canonical", false, 0, List.of()),
        new TreeMap<>(),
        List.of(),
        null,
        List.of(new Receipt.StepLine("finished", NOON, 1, finished, text)),
        List.of(problems),
        List.of(),
        new Receipt.Resume("sluice resume x", "flink run x"),
        List.of(),
        false,
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
    if (!line.contains("--rest")) {
      line.addAll(List.of("--rest", "http://127.0.0.1:1"));
    }
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line.toArray(String[]::new));
  }

  private String said() {
    return out.toString() + err;
  }
}

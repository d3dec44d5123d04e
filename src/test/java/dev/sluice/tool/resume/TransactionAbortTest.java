package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.FlakyFiles;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.stop.NamedTransactions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against brokers and a JobManager with given answers. */
class TransactionAbortTest {

  private static final String ID = "mine-0-2";
  private static final Instant BEGAN = Instant.parse("2026-11-22T12:00:00Z");
  private static final String JOB = "0123456789abcdef0123456789abcdef";
  private static final Path SAVEPOINT = Path.of("src/test/resources/golden/savepoint-flink-2.2");
  private static final TransactionAbort.Choice CHOICE =
      new TransactionAbort.Choice("mine", Set.of(ID), null);

  private static final String UNSEEN = "[SLU-ABORT-UNSEEN]";

  @TempDir Path folder;

  private final CannedLog log = new CannedLog().committed(1).open(3);
  private final List<String> messages = new ArrayList<>();
  private final HandSetClock clock = new HandSetClock(Instant.now()).slow(Duration.ofSeconds(1));
  private @Nullable Runnable whenItAborts;
  private CannedFlink flink;
  private CannedBroker broker;
  private Brokers brokers;

  @BeforeEach
  void start() throws IOException {
    flink =
        CannedFlink.start()
            .tell("/jobs/overview", "{\"jobs\":[]}")
            .tell("/jobmanager/config", "[]");
    broker = CannedBroker.start().topic("t", log);
    Files.createDirectories(journal());
    open(BEGAN);
    brokers = new Brokers(broker.client(), Duration.ofSeconds(20));
  }

  @AfterEach
  void end() throws IOException {
    brokers.close();
    broker.close();
    flink.close();
  }

  private void open(Instant since) {
    broker.openTransaction(ID, 8, 0, since.toEpochMilli(), "t", 0);
  }

  @Test
  void anOrphanIsAbortedAndReadersGoOn() throws Exception {
    TransactionAbort abort = abort();
    AbortReport look = abort.look(CHOICE);
    AbortReport.Row before = only(look, AbortReport.Outcome.ABORTABLE);
    assertThat(before.held()).singleElement().returns(3L, AbortReport.Held::behind);
    assertThat(before.held().get(0).lastStable()).isEqualTo(2);
    assertThat(look.exitCode()).isZero();
    assertUntouched();

    AbortReport after = abort.abort(CHOICE, look);
    assertThat(only(after, AbortReport.Outcome.ABORTED).text())
        .contains(
            "will never be read",
            "unless its producer committed it between the last check and the abort",
            "t/0 can be read up to 6 (before: 2)");
    assertThat(after.exitCode()).isZero();
    assertThat(broker.asked()).filteredOn(ApiKeys.INIT_PRODUCER_ID.name()::equals).hasSize(1);

    AbortReport again = abort.look(CHOICE);
    assertThat(only(again, AbortReport.Outcome.ENDED).text()).contains("no transaction is open");
    assertThat(again.exitCode()).isZero();
  }

  @Test
  void onlyWhatIsOldEnoughIsChosen() throws Exception {
    broker.openTransaction("mine-1-1", 9, 0, clock.millis(), "t", 0);
    TransactionAbort.Choice old =
        new TransactionAbort.Choice("mine", Set.of(), Duration.ofHours(1));
    assertThat(only(abort().look(old), AbortReport.Outcome.ABORTABLE).transactionalId())
        .isEqualTo(ID);
  }

  @Test
  void anIdThatBrokersDoNotKnowIsRefused() throws Exception {
    AbortReport look = abort().look(new TransactionAbort.Choice("mine", Set.of("mine-7-7"), null));
    refused(look, "[SLU-ABORT-UNKNOWN-ID]");
  }

  @Test
  void oneOfARunningJobIsRefused() throws Exception {
    runs("mine");
    refused(abort().look(CHOICE), "job (j), " + JOB + ", is RUNNING", "[SLU-ABORT-JOB-RUNS]");
    runs("other");
    only(abort().look(CHOICE), AbortReport.Outcome.ABORTABLE);
  }

  @Test
  void aJobThatStartsBeforeTheAbortIsHeeded() throws Exception {
    TransactionAbort abort = abort();
    AbortReport look = abort.look(CHOICE);
    runs("mine");
    refused(abort.abort(CHOICE, look), "[SLU-ABORT-JOB-RUNS]");
  }

  @Test
  void withoutFlinksAnswerNothingIsAborted() {
    flink.close();
    assertThatThrownBy(() -> abort().look(CHOICE)).isInstanceOf(IOException.class);
    assertUntouched();
  }

  /** A job of the prefix runs behind a proxy, or Flink is at another port. */
  @Test
  void anotherProgramsWordIsNotFlinks() {
    runs("mine");
    for (String foreign : List.of("{\"status\":\"UP\"}", "")) {
      flink.tell("/jobs/overview", foreign).tell("/jobmanager/config", foreign);
      assertThatThrownBy(() -> abort().look(CHOICE))
          .as(foreign)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no answer of Flink's: check --rest");
    }
    assertUntouched();
  }

  @Test
  void oneThatAReceiptNamesIsRefusedWithTheResumeThatCommitsIt() throws Exception {
    Path file = receipt("mine-0-2", 8, BEGAN.plusSeconds(60));
    AbortReport.Row row =
        refused(
            abort().look(CHOICE), "sluice resume " + file, "missing answers", "[SLU-ABORT-NAMED]");
    assertThat(row.name()).isEqualTo(new NamedTransactions.Name("file:/gone", file.toString()));
  }

  @Test
  void anotherTransactionOfTheSameNameIsNotTheNamedOne() throws Exception {
    receipt("mine-0-2", 7, BEGAN.plusSeconds(60));
    only(abort().look(CHOICE), AbortReport.Outcome.ABORTABLE);
  }

  @Test
  void oneThatALeftCheckpointNamesIsRefused() throws Exception {
    Path checkpoints = folder.resolve("checkpoints");
    copy(SAVEPOINT, checkpoints.resolve(JOB).resolve("chk-9"));
    configure("execution.checkpointing.dir", checkpoints.toUri().toString());
    refused(abort().look(opened(SAVEPOINT)), "chk-9", "[SLU-ABORT-NAMED]");

    // As of a job with execution.checkpointing.create-subdir: false.
    Files.move(checkpoints.resolve(JOB).resolve("chk-9"), checkpoints.resolve("chk-9"));
    refused(abort().look(opened(SAVEPOINT)), "chk-9", "[SLU-ABORT-NAMED]");
  }

  /** No journal records it, and its resume commits what is open if the job failed meanwhile. */
  @Test
  void oneThatTheSavepointOfAPlainFlinkStopNamesIsRefused() throws Exception {
    Path savepoints = folder.resolve("savepoints");
    copy(SAVEPOINT, savepoints.resolve("savepoint-012345-6789abcdef01"));
    configure("execution.checkpointing.savepoint-dir", savepoints.toUri().toString());
    AbortReport.Row row =
        refused(abort().look(opened(SAVEPOINT)), "savepoint-012345", "[SLU-ABORT-NAMED]");
    assertThat(row.text()).contains("sluice resume file:");
  }

  @Test
  void whereSnapshotsCanNotBeListedNothingIsAborted() throws Exception {
    for (String setting :
        List.of("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir")) {
      configure(setting, folder.resolve("elsewhere").toUri().toString());
      refused(abort().look(CHOICE), setting, "elsewhere", "is not there", "make it", UNSEEN);
      Path hidden = Files.createDirectories(folder.resolve("hidden"));
      configure(setting, FlakyFiles.uri(hidden));
      only(abort().look(CHOICE), AbortReport.Outcome.ABORTABLE);
      FlakyFiles.hides(Files.createDirectories(hidden.resolve(JOB)).toAbsolutePath());
      refused(abort().look(CHOICE), setting, JOB, "no right to list it", UNSEEN);
      Files.delete(hidden.resolve(JOB));
      Path one = Files.createDirectory(hidden.resolve("savepoint-1")).toAbsolutePath();
      FlakyFiles.refuses(one.resolve("_metadata"));
      refused(abort().look(CHOICE), setting, "403 Forbidden", UNSEEN);
      Files.delete(one);
    }
    flink.forget("/jobmanager/config");
    refused(abort().look(CHOICE), "does not report where", "/jobmanager/config", UNSEEN);
  }

  /** A savepoint of before the transaction began can't name it, whatever is in it. */
  @Test
  void snapshotsAreLookedAtSinceTheTransactionBegan() throws Exception {
    Path savepoints = folder.resolve("savepoints");
    configure("execution.checkpointing.savepoint-dir", savepoints.toUri().toString());
    Path metadata =
        Files.writeString(
            Files.createDirectories(savepoints.resolve("savepoint-1")).resolve("_metadata"), "x");
    Files.setLastModifiedTime(metadata, FileTime.from(BEGAN.minusSeconds(3600)));
    only(abort().look(CHOICE), AbortReport.Outcome.ABORTABLE);
    Files.setLastModifiedTime(metadata, FileTime.from(BEGAN.minusSeconds(60)));
    refused(abort().look(CHOICE), "savepoint-1", "can't be read", UNSEEN);
    Files.setLastModifiedTime(metadata, FileTime.from(BEGAN.minusSeconds(3600)));
    for (int i = 0; i <= 200; i++) {
      copy(SAVEPOINT, savepoints.resolve("savepoint-new-" + i));
    }
    refused(abort().look(CHOICE), "201 snapshots in", "only the newest 200", "move away", UNSEEN);
  }

  private void configure(String setting, String value) {
    flink.tell(
        "/jobmanager/config", "[{\"key\":\"%s\",\"value\":\"%s\"}]".formatted(setting, value));
  }

  @Test
  void oneThatTheSavepointOfAnUnfinishedStopNamesIsRefused() throws Exception {
    Path savepoint = folder.resolve("savepoint-1");
    copy(SAVEPOINT, savepoint);
    Files.createDirectories(journal());
    String entry =
        Files.readString(Path.of("src/test/resources/golden/journal/version-4.json"))
            .replace("\"a\":\"1\"", "\"sluice.sink.transactional-id-prefix\":\"snapshot\"");
    String saved = "\"savepoint\":\"%s\"".formatted(savepoint.toUri());
    Files.writeString(journal().resolve(JOB + ".json"), entry.replace("\"savepoint\":null", saved));
    refused(abort().look(opened(savepoint)), "sluice resume", "savepoint-1", "[SLU-ABORT-NAMED]");

    String left = "\"leftBehind\":[\"%s\"]".formatted(savepoint.toUri());
    Files.writeString(
        journal().resolve(JOB + ".json"), entry.replace("\"leftBehind\":[\"file:/first\"]", left));
    refused(abort().look(opened(savepoint)), "savepoint-1", "[SLU-ABORT-NAMED]");

    Files.writeString(journal().resolve(JOB + ".json"), entry);
    refused(abort().look(opened(SAVEPOINT)), "has not come to its end", JOB, "[SLU-ABORT-UNSEEN]");
    Files.writeString(journal().resolve(JOB + ".json"), "{");
    refused(abort().look(opened(SAVEPOINT)), "can't be read", "[SLU-ABORT-UNSEEN]");
    String elsewhere = entry.replace("\"savepoint\":null", "\"savepoint\":\"nowhere://s/1\"");
    Files.writeString(journal().resolve(JOB + ".json"), elsewhere);
    refused(abort().look(opened(SAVEPOINT)), "nothing here knows", "[SLU-ABORT-UNSEEN]");

    Files.writeString(
        journal().resolve(JOB + ".json"),
        entry
            .replace("\"savepoint\":null", saved)
            .replace("\"receipt\":null", "\"receipt\":\"/elsewhere/r.json\""));
    refused(abort().look(opened(savepoint)), "/elsewhere/r.json", "[SLU-ABORT-NAMED]");

    Files.delete(savepoint.resolve("_metadata"));
    AbortReport gone = abort().look(opened(SAVEPOINT));
    assertThat(only(gone, AbortReport.Outcome.ABORTABLE).name())
        .as("no one can resume it")
        .isNull();
  }

  /** Opens a transaction that a snapshot names. */
  private TransactionAbort.Choice opened(Path snapshot) throws IOException {
    PendingTransaction named = Snapshot.open(snapshot.toString()).committables().get(0);
    String id = named.transactionalId();
    broker.openTransaction(id, named.producerId(), named.epoch(), BEGAN.toEpochMilli(), "t", 0);
    return new TransactionAbort.Choice(id.replaceFirst("-[0-9]+-[0-9]+$", ""), Set.of(id), null);
  }

  @Test
  void oneThatAnUnreadReceiptMayNameIsRefused() throws Exception {
    Files.createDirectories(journal());
    Files.writeString(journal().resolve("receipt-x.json"), "{");
    refused(abort().look(CHOICE), "receipt-x.json", "[SLU-ABORT-UNSEEN]");
  }

  @Test
  void oneThatSomethingWritesInIsRefused() throws Exception {
    clock.at(Duration.ofSeconds(2), () -> log.records(1));
    refused(abort().look(CHOICE), "t/0 grew", "[SLU-ABORT-WRITES]");
  }

  @Test
  void oneWhosePrefixBeginsTransactionsIsRefused() throws Exception {
    clock.at(
        Duration.ofSeconds(2),
        () -> broker.openTransaction("mine-5-9", 9, 0, clock.millis(), "t", 0));
    refused(abort().look(CHOICE), "mine-5-9", "began at", "[SLU-ABORT-WRITES]");
  }

  @Test
  void whatHasChangedSinceTheLookIsLeft() throws Exception {
    TransactionAbort abort = abort();
    AbortReport look = abort.look(CHOICE);
    open(BEGAN.plusSeconds(1));
    refused(abort.abort(CHOICE, look), "another transaction is open", "[SLU-ABORT-WRITES]");

    open(BEGAN);
    broker.transaction(ID, 8, 1, "CompleteCommit");
    AbortReport ended = abort.abort(CHOICE, look);
    assertThat(only(ended, AbortReport.Outcome.ENDED).text()).contains("ended by itself");
    assertUntouched();

    open(BEGAN);
    log.records(1);
    refused(abort.abort(CHOICE, look), "t/0 grew to 6", "[SLU-ABORT-WRITES]");
  }

  /** Its producer came to commit it while a person was asked, say. */
  @Test
  void oneThatIsCommittedSinceTheLookIsNotSaidToBeAborted() throws Exception {
    TransactionAbort abort = abort();
    AbortReport look = abort.look(CHOICE);
    broker.transaction(ID, 8, 0, "PrepareCommit");
    refused(abort.abort(CHOICE, look), "its end is decided", "[SLU-ABORT-ENDING]");

    broker.transaction(ID, 8, 1, "CompleteCommit");
    AbortReport ended = abort.abort(CHOICE, look);
    assertThat(only(ended, AbortReport.Outcome.ENDED).text()).contains("it was committed");
    assertUntouched();
  }

  /** The abort was asked for, and the commit was there before it. */
  @Test
  void oneThatIsCommittedUnderTheAbortIsNotSaidToBeAborted() throws Exception {
    AbortReport look = abort().look(CHOICE);
    brokers.close();
    brokers = new Brokers(broker.client(), Duration.ofSeconds(5));
    broker.fail(ApiKeys.INIT_PRODUCER_ID, Errors.CONCURRENT_TRANSACTIONS, 10_000);
    whenItAborts = () -> broker.transaction(ID, 8, 1, "CompleteCommit");
    AbortReport after = abort().abort(CHOICE, look);
    assertThat(only(after, AbortReport.Outcome.ENDED).text())
        .contains("it was committed", "readers")
        .doesNotContain("will never be read");
  }

  @Test
  void oneWhoseEndIsDecidedIsLeftToTheBrokers() throws Exception {
    broker.transaction(ID, 8, 0, "PrepareCommit");
    Files.createDirectories(journal());
    Files.writeString(journal().resolve("receipt-x.json"), "{");
    refused(abort().look(CHOICE), "its end is decided", "a partition", "[SLU-ABORT-ENDING]");
  }

  @Test
  void aJobThatDoesNotTellWhoseItIsIsHeeded() throws Exception {
    runs("orders", "other");
    only(abort().look(CHOICE), AbortReport.Outcome.ABORTABLE);
    flink.fail("/jobs/" + JOB + "/config");
    refused(
        abort().look(CHOICE),
        "job (orders), " + JOB + ", is RUNNING",
        "does not publish its settings",
        "[SLU-ABORT-JOB-RUNS]");
  }

  @Test
  void aMissingRightIsToldAndNothingIsAborted() throws Exception {
    TransactionAbort abort = abort();
    AbortReport look = abort.look(CHOICE);
    broker.fail(ApiKeys.INIT_PRODUCER_ID, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 1);
    AbortReport after = abort.abort(CHOICE, look);
    AbortReport.Row row = only(after, AbortReport.Outcome.REFUSED);
    assertThat(row.text()).contains("abort transaction", "Write", "[SLU-BROKERS]");
    assertThat(after.exitCode()).isEqualTo(1);
  }

  @Test
  void oneThatIsStillThereIsNotSaidToBeAborted() throws Exception {
    AbortReport look = abort().look(CHOICE);
    brokers.close();
    brokers = new Brokers(broker.client(), Duration.ofSeconds(5));
    broker.fail(ApiKeys.INIT_PRODUCER_ID, Errors.CONCURRENT_TRANSACTIONS, 10_000);
    AbortReport after = abort().abort(CHOICE, look);
    assertThat(only(after, AbortReport.Outcome.NOT_KNOWN).text())
        .contains("same command checks again");
    assertThat(after.exitCode()).isEqualTo(4);
  }

  private TransactionAbort abort() {
    Consumer<String> heard =
        text -> {
          messages.add(text);
          if (whenItAborts != null && text.startsWith("aborts")) {
            whenItAborts.run();
          }
        };
    List<URI> rest = flink.addresses();
    return new TransactionAbort(
        brokers,
        new JobManager(rest, Duration.ofSeconds(20)),
        journal(),
        Duration.ofSeconds(4),
        heard,
        clock.time());
  }

  private static AbortReport.Row only(AbortReport look, AbortReport.Outcome outcome) {
    assertThat(look.rows()).as("%s", look).hasSize(1);
    assertThat(look.rows().get(0).outcome()).as("%s", look).isEqualTo(outcome);
    return look.rows().get(0);
  }

  private AbortReport.Row refused(AbortReport look, String... words) {
    AbortReport.Row row = only(look, AbortReport.Outcome.REFUSED);
    assertThat(row.text()).contains(words);
    assertThat(look.exitCode()).isEqualTo(1);
    assertUntouched();
    return row;
  }

  private void assertUntouched() {
    assertThat(broker.asked()).doesNotContain(ApiKeys.INIT_PRODUCER_ID.name());
  }

  private Path journal() {
    return folder.resolve("stops");
  }

  private void runs(String prefix) {
    runs("j", prefix);
  }

  private void runs(String name, String prefix) {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"%s\",\"state\":\"RUNNING\",\"start-time\":0}]}"
                .formatted(JOB, name))
        .tell(
            "/jobs/" + JOB + "/config",
            "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\",\"sluice.sink.transactional-id-prefix\":\"%s\"}}}"
                .formatted(prefix));
  }

  private Path receipt(String id, long producer, Instant endedAt) throws IOException {
    Files.createDirectories(journal());
    Path file = journal().resolve("receipt-j.json");
    ReceiptFile.write(
        file,
        new Receipt(
            Receipt.VERSION,
            "sluice",
            StopResult.Kind.PROVED,
            BEGAN,
            endedAt,
            new Receipt.Job(
                JOB,
                "j",
                "2.2.1",
                "1",
                2,
                new TreeMap<>(Map.of("sluice.sink.transactional-id-prefix", "mine")),
                "",
                new TreeMap<>(),
                ""),
            new Receipt.Snapshot("file:/gone", "savepoint", 1, "canonical", false, 0, List.of()),
            new TreeMap<>(),
            List.of(new Receipt.Transaction(id, producer, 0, "open")),
            null,
            List.of(),
            List.of(),
            List.of(),
            new Receipt.Resume("sluice resume x", "flink run x"),
            List.of(),
            false,
            List.of()),
        ReceiptKeys.NONE);
    return file;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}

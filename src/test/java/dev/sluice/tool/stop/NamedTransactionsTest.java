package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.support.CannedFlink;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.Snapshot;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may name a transaction, for all that this machine can see. */
class NamedTransactionsTest {

  private static final Instant BEGAN = Instant.parse("2026-11-22T12:00:00Z");
  private static final String JOB = "0123456789abcdef0123456789abcdef";
  private static final Path SAVEPOINT = Path.of("src/test/resources/golden/savepoint-flink-2.2");

  /** Of the golden savepoint's transactions. */
  private static final String PREFIX = "snapshot";

  private static final String ELSEWHERE = "http://192.0.2.1:8081";

  @TempDir Path folder;

  private CannedFlink flink;
  private LiveTransaction open;

  @BeforeEach
  void start() throws IOException {
    PendingTransaction one = Snapshot.open(SAVEPOINT.toString()).committables().get(0);
    open =
        new LiveTransaction(
            one.transactionalId(),
            one.producerId(),
            one.epoch(),
            BEGAN.toEpochMilli(),
            Set.of(),
            true);
    flink = CannedFlink.start().tell("/jobmanager/config", "[]");
    Files.createDirectories(journal());
  }

  @AfterEach
  void end() {
    flink.close();
  }

  @Test
  void aSavepointThatThisMachineDoesNotSeeMayNameIt() throws Exception {
    receipt(
        journal().resolve("receipt-j.json"),
        StopResult.Kind.UNPROVED,
        PREFIX,
        "file:/data-of-another-machine/savepoints/savepoint-01");
    assertThat(look().mayBeNamedBy(open))
        .singleElement()
        .asString()
        .contains("savepoint-01", "receipt-j.json", "is not to be seen from here");

    receipt(
        journal().resolve("receipt-j.json"),
        StopResult.Kind.UNPROVED,
        PREFIX,
        folder.resolve("savepoint-01").toUri().toString());
    assertThat(look().mayBeNamedBy(open)).as("it would be seen here").isEmpty();
    assertThat(look(ELSEWHERE).mayBeNamedBy(open))
        .as("a directory of that name on the JobManager's machine is another one")
        .singleElement()
        .asString()
        .contains("savepoint-01", "is not to be seen from here", "192.0.2.1");
  }

  /** As where the JobManager's directory is not mounted, but one with its name was made. */
  @Test
  void directoriesOfAnotherMachineThatHoldNothingHereAreNotBelieved() throws Exception {
    Path checkpoints = Files.createDirectories(folder.resolve("checkpoints"));
    Path savepoints = Files.createDirectories(folder.resolve("savepoints"));
    flink.tell(
        "/jobmanager/config",
        "[{\"key\":\"execution.checkpointing.dir\",\"value\":\"%s\"},{\"key\":\"execution.checkpointing.savepoint-dir\",\"value\":\"%s\"}]"
            .formatted(checkpoints.toUri(), savepoints.toUri()));
    assertThat(look().mayBeNamedBy(open)).isEmpty();
    assertThat(look(ELSEWHERE).mayBeNamedBy(open))
        .hasSize(2)
        .allSatisfy(why -> assertThat(why).contains("192.0.2.1", "holds no snapshot here"));

    Path checkpoint = checkpoints.resolve(JOB).resolve("chk-1");
    copy(SAVEPOINT, checkpoint);
    assertThat(look(ELSEWHERE).mayBeNamedBy(open))
        .as("this machine may have written it, long ago")
        .hasSize(2)
        .allSatisfy(why -> assertThat(why).contains("192.0.2.1", "holds no snapshot here"));

    Instant written = Files.getLastModifiedTime(checkpoint.resolve("_metadata")).toInstant();
    names("completed", 3, written, checkpoint);
    assertThat(look(ELSEWHERE).mayBeNamedBy(open)).as("Flink names it: it is mounted").isEmpty();
  }

  /** Deployments fix the job's id, so that a machine that ran one has the same paths. */
  @Test
  void anotherSnapshotAtTheSamePathDoesNotShowThatItIsMounted() throws Exception {
    Path checkpoints = Files.createDirectories(folder.resolve("checkpoints"));
    flink.tell(
        "/jobmanager/config",
        "[{\"key\":\"execution.checkpointing.dir\",\"value\":\"%s\"}]"
            .formatted(checkpoints.toUri()));
    Path checkpoint = checkpoints.resolve(JOB).resolve("chk-3");
    copy(SAVEPOINT, checkpoint);
    Instant written = Files.getLastModifiedTime(checkpoint.resolve("_metadata")).toInstant();

    names("completed", 4, written, checkpoint);
    assertNotBelieved("of another number");
    names("completed", 3, written.plus(Duration.ofMinutes(11)), checkpoint);
    assertNotBelieved("written before Flink's was complete");
    names("completed", 3, written.minus(Duration.ofMinutes(11)), checkpoint);
    assertNotBelieved("written long after");
    names("restored", 3, null, checkpoint);
    assertNotBelieved("when Flink's was written is not known");
    names("completed", 3, written.plus(Duration.ofMinutes(9)), checkpoint);
    assertThat(look(ELSEWHERE).mayBeNamedBy(open)).as("two clocks may differ").isEmpty();

    Path savepoint = checkpoints.resolve("savepoint-012345-0123456789ab");
    copy(SAVEPOINT, savepoint);
    names("restored", 3, null, savepoint);
    assertThat(look(ELSEWHERE).mayBeNamedBy(open)).as("a name of Flink's by chance").isEmpty();
    names("savepoint", 3, written, savepoint);
    assertThat(look(ELSEWHERE).mayBeNamedBy(open)).isEmpty();
    Files.write(savepoint.resolve("_metadata"), new byte[5]);
    assertNotBelieved("it is cut off");
  }

  private void assertNotBelieved(String why) throws Exception {
    assertThat(look(ELSEWHERE).mayBeNamedBy(open))
        .as(why)
        .anySatisfy(one -> assertThat(one).contains("192.0.2.1", "holds no snapshot here"));
  }

  /** What Flink names of a job that failed, next to one that names nothing. */
  private void names(String kind, long id, @Nullable Instant completed, Path where) {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"batch\",\"state\":\"RUNNING\",\"start-time\":1},{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"FAILED\",\"start-time\":1}]}"
                .formatted("f".repeat(32), JOB))
        .tell(
            "/jobs/" + JOB + "/checkpoints",
            "{\"latest\":{\"%s\":{\"id\":%s,%s\"external_path\":\"%s\"}},\"history\":[]}"
                .formatted(
                    kind,
                    id,
                    completed == null
                        ? ""
                        : "\"latest_ack_timestamp\":%s,".formatted(completed.toEpochMilli()),
                    where.toUri()));
  }

  /** The directory of that name may be this machine's own, of a job that ran here once. */
  @Test
  void snapshotsInADirectoryOfTheSameNameDoNotShowThatItIsTheSame() throws Exception {
    Path savepoints = Files.createDirectories(folder.resolve("savepoints"));
    flink.tell(
        "/jobmanager/config",
        "[{\"key\":\"execution.checkpointing.savepoint-dir\",\"value\":\"%s\"}]"
            .formatted(savepoints.toUri()));
    copy(SAVEPOINT, savepoints.resolve("savepoint-1"));
    stop(PREFIX, savepoints.resolve("savepoint-gone").toUri().toString(), null);
    assertThat(look(ELSEWHERE).mayBeNamedBy(open))
        .hasSize(2)
        .anySatisfy(why -> assertThat(why).contains("the cluster's execution.checkpointing.savep"))
        .anySatisfy(
            why ->
                assertThat(why)
                    .contains("savepoint-gone", "192.0.2.1", "move that file out of the journal"));
  }

  /** Without its text, when it was written and whose it says to be is known all the same. */
  @Test
  void aReceiptThatCanNotBeReadCountsIfItMayNameIt() throws Exception {
    Path file = Files.writeString(journal().resolve("receipt-new.json"), "{\"receiptVersion\":99}");
    Files.setLastModifiedTime(file, FileTime.from(BEGAN.plusSeconds(60)));
    assertThat(look().mayBeNamedBy(open)).singleElement().asString().contains("receipt-new.json");
    Files.setLastModifiedTime(file, FileTime.from(BEGAN.minus(Duration.ofHours(1))));
    assertThat(look().mayBeNamedBy(open)).as("it was over before").isEmpty();

    assertThat(ofAnUnknownVersion(file, "other")).as("of another prefix").isEmpty();
    assertThat(ofAnUnknownVersion(file, PREFIX)).hasSize(1);
  }

  private List<String> ofAnUnknownVersion(Path file, String prefix) throws Exception {
    Files.writeString(
        file,
        "{\"receiptVersion\":99,\"job\":{\"settings\":{\"sluice.sink.transactional-id-prefix\":\"%s\"}}}"
            .formatted(prefix));
    return look().mayBeNamedBy(open);
  }

  /** A stop that ends with 3 writes no savepoint down, and a job may have its own directory. */
  @Test
  void aCheckpointOfAReceiptOutsideOfTheJournalNamesIt() throws Exception {
    Path checkpoint = folder.resolve("own").resolve("chk-9");
    copy(SAVEPOINT, checkpoint);
    Path file = folder.resolve("r.json");
    receipt(file, StopResult.Kind.ESCALATED, PREFIX, checkpoint.toUri().toString());
    stop(PREFIX, null, file.toString());
    NamedTransactions seen = look();
    assertThat(seen.nameOf(open).orElseThrow().resume()).isEqualTo(file.toString());
    assertThat(seen.nameOf(open).orElseThrow().snapshot()).contains("chk-9");

    Files.delete(file);
    assertThat(look().mayBeNamedBy(open))
        .singleElement()
        .asString()
        .contains("r.json", "there is no receipt", entry().toString());
    receipt(file, StopResult.Kind.PROVED, PREFIX, "file:/of/the/next");
    Files.writeString(file, Files.readString(file).replace(JOB, JOB.replace('0', '1')));
    assertThat(look().mayBeNamedBy(open))
        .as("another job's receipt has taken its place")
        .singleElement()
        .asString()
        .contains("r.json", "another stop", entry().toString());
  }

  @Test
  void aStopOfAnotherPrefixDoesNotCount() throws Exception {
    stop("other", "nowhere://old/savepoint-1", null);
    assertThat(look().mayBeNamedBy(open)).isEmpty();
    stop("other", null, null);
    assertThat(look().mayBeNamedBy(open)).as("one that is under way").isEmpty();
    stop(PREFIX, null, null);
    assertThat(look().mayBeNamedBy(open))
        .singleElement()
        .asString()
        .contains("has not come to its end");
  }

  /** A store that is gone for good would stand in the way for ever. */
  @Test
  void aStopThatWasOverBeforeItBeganDoesNotCount() throws Exception {
    Path file = journal().resolve("receipt-old.json");
    receipt(file, StopResult.Kind.PROVED, PREFIX, "nowhere://old/savepoint-1");
    stop(PREFIX, "nowhere://old/savepoint-1", file.toString());
    assertThat(look().mayBeNamedBy(open))
        .as("it ended a minute later")
        .singleElement()
        .asString()
        .contains("nowhere://old/savepoint-1", file.toString());
    assertThat(look(BEGAN.plus(Duration.ofHours(1))).mayBeNamedBy(later())).isEmpty();

    Files.delete(file);
    assertThat(look().mayBeNamedBy(open))
        .as("what is to be taken away is named, and that is enough")
        .singleElement()
        .asString()
        .contains("nowhere://old/savepoint-1", entry().toString());
    Files.setLastModifiedTime(entry(), FileTime.from(BEGAN.plusSeconds(60)));
    assertThat(look(BEGAN.plus(Duration.ofHours(1))).mayBeNamedBy(later())).isEmpty();
    Files.delete(entry());
    assertThat(look().mayBeNamedBy(open)).isEmpty();
  }

  @Test
  void aReceiptWithTheNameOfAStopIsNone() throws Exception {
    Path file = journal().resolve("daily.json");
    receipt(file, StopResult.Kind.PROVED, PREFIX, folder.resolve("gone").toUri().toString());
    assertThat(look().mayBeNamedBy(open)).isEmpty();

    Path savepoint = folder.resolve("savepoint-1");
    copy(SAVEPOINT, savepoint);
    receipt(file, StopResult.Kind.UNPROVED, PREFIX, savepoint.toUri().toString());
    stop(PREFIX, null, file.toString());
    assertThat(look().nameOf(open).orElseThrow().resume()).isEqualTo(file.toString());
  }

  /** As with a context, or a shell, that names another one. */
  @Test
  void withoutAJournalNothingIsKnown() throws Exception {
    stop("other", null, null);
    receipt(journal().resolve("receipt-a.json"), StopResult.Kind.PROVED, "other", "file:/gone");
    receipt(journal().resolve("receipt-b.json"), StopResult.Kind.PROVED, "other", "file:/gone");
    assertThat(look().notes()).contains("checked 2 receipts and 1 stops in " + journal());
    NamedTransactions none =
        NamedTransactions.of(
            PREFIX,
            BEGAN,
            folder.resolve("none"),
            new JobManager(flink.addresses(), Duration.ofSeconds(20)));
    assertThat(none.mayBeNamedBy(open))
        .singleElement()
        .asString()
        .contains("there is no journal at " + folder.resolve("none"), "--journal");
    assertThat(none.notes()).noneMatch(note -> note.startsWith("checked "));
  }

  private LiveTransaction later() {
    return new LiveTransaction(
        open.transactionalId(),
        open.producerId(),
        open.epoch(),
        BEGAN.plus(Duration.ofHours(1)).toEpochMilli(),
        Set.of(),
        true);
  }

  private NamedTransactions look(String... more) throws Exception {
    return look(BEGAN, more);
  }

  private NamedTransactions look(Instant oldest, String... more) throws Exception {
    List<URI> rest = new ArrayList<>(flink.addresses());
    for (String one : more) {
      rest.add(URI.create(one));
    }
    return NamedTransactions.of(
        PREFIX, oldest, journal(), new JobManager(rest, Duration.ofSeconds(20)));
  }

  private Path journal() {
    return folder.resolve("stops");
  }

  private Path entry() {
    return journal().resolve(JOB + ".json");
  }

  private void stop(String prefix, @Nullable String savepoint, @Nullable String receipt)
      throws IOException {
    String golden = Files.readString(Path.of("src/test/resources/golden/journal/version-4.json"));
    Files.writeString(
        entry(),
        golden
            .replace("\"a\":\"1\"", "\"sluice.sink.transactional-id-prefix\":\"" + prefix + "\"")
            .replace("\"leftBehind\":[\"file:/first\"]", "\"leftBehind\":[]")
            .replace("\"savepoint\":null", "\"savepoint\":" + quoted(savepoint))
            .replace("\"receipt\":null", "\"receipt\":" + quoted(receipt)));
  }

  private static String quoted(@Nullable String value) {
    return value == null ? "null" : "\"" + value + "\"";
  }

  private static void receipt(Path file, StopResult.Kind outcome, String prefix, String uri)
      throws IOException {
    ReceiptFile.write(
        file,
        new Receipt(
            Receipt.VERSION,
            "sluice",
            outcome,
            BEGAN,
            BEGAN.plusSeconds(60),
            new Receipt.Job(
                JOB,
                "j",
                "2.2.1",
                "1",
                2,
                new TreeMap<>(Map.of("sluice.sink.transactional-id-prefix", prefix)),
                "",
                new TreeMap<>(),
                ""),
            new Receipt.Snapshot(uri, "savepoint", 1, "canonical", false, 0, List.of()),
            new TreeMap<>(),
            List.of(),
            null,
            List.of(),
            List.of(),
            List.of(),
            new Receipt.Resume("sluice resume x", "flink run x"),
            List.of(),
            false,
            List.of()),
        ReceiptKeys.NONE);
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

package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.cli.AuditSubject.Running;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which job an audit without arguments is about, from Flink and from a journal's receipts. */
class AuditSubjectTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final String LABELS = "sluice.model.labels";

  @TempDir Path journal;

  private CannedFlink flink;

  @BeforeEach
  void startFlink() throws Exception {
    flink = CannedFlink.start().tell("/jobs/overview", "{\"jobs\":[]}");
  }

  @AfterEach
  void endFlink() {
    flink.close();
  }

  @Test
  void aJobThatRunsTellsItsSettingsAndNoReceiptBoundsIt() throws Exception {
    runs("RUNNING", "sluice");
    write("one", 1, StopResult.Kind.PROVED, "sluice", List.of());
    AuditSubject found = find("sluice");
    assertThat(found.running()).isEqualTo(Running.YES);
    assertThat(found.settings()).containsEntry(LABELS, "ok,failed").hasSize(2);
    assertThat(found.stop()).isNull();
    assertThat(found.notes()).isEmpty();
  }

  @Test
  void aJobWithAnotherPrefixIsAnotherJob() throws Exception {
    runs("RUNNING", "other");
    AuditSubject found = find("sluice");
    assertThat(found.running()).isEqualTo(Running.NO);
    assertThat(found.settings()).isNull();
  }

  @Test
  void aJobThatIsRestartingIsNotStopped() throws Exception {
    runs("RESTARTING", "sluice");
    write("one", 1, StopResult.Kind.PROVED, "sluice", List.of());
    assertThat(find("sluice").stop()).isNull();
  }

  @Test
  void theNewestReceiptOfTheJobBoundsItWhenItDoesNotRun() throws Exception {
    runs("FINISHED", "sluice");
    write("a-new", 3, StopResult.Kind.PROVED, "sluice", List.of());
    write("b-old", 1, StopResult.Kind.PROVED, "sluice", List.of());
    write("c-other", 9, StopResult.Kind.PROVED, "other", List.of());
    AuditSubject found = find("sluice");
    assertThat(found.running()).isEqualTo(Running.NO);
    assertThat(stop(found)).isEqualTo("receipt-a-new.json");
    assertThat(found.settings()).containsEntry(LABELS, "ok,failed");
    assertThat(found.notes()).isEmpty();
  }

  @Test
  void aReceiptThatWasResumedBoundsNothingAndNoOlderOneDoes() throws Exception {
    write("old", 1, StopResult.Kind.PROVED, "sluice", List.of());
    write(
        "new",
        3,
        StopResult.Kind.PROVED,
        "sluice",
        List.of(new Receipt.Resumption(NOON, ID, 2, 0L, 0, Receipt.Resumption.State.RUNS)));
    AuditSubject found = find("sluice");
    assertThat(found.stop()).isNull();
    assertThat(found.settings()).as("its settings are the job's").isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"ESCALATED", "FAILED_WHILE_STOPPING"})
  void aStopWhoseAnswersTheResumeCommitsBoundsNothing(StopResult.Kind outcome) throws Exception {
    write("new", 3, outcome, "sluice", List.of());
    AuditSubject found = find("sluice");
    assertThat(found.stop()).isNull();
    assertThat(found.notes())
        .singleElement()
        .asString()
        .contains("receipt-new.json", outcome.code(), "--receipt");
  }

  @Test
  void withoutFlinkItIsNotKnownWhetherTheJobRuns() throws Exception {
    write("new", 3, StopResult.Kind.UNPROVED, "sluice", List.of());
    AuditSubject found =
        find(
            "sluice",
            new JobManager(List.of(URI.create("http://127.0.0.1:1")), Duration.ofSeconds(5)));
    assertThat(found.running()).isEqualTo(Running.UNKNOWN);
    assertThat(stop(found)).isEqualTo("receipt-new.json");
    assertThat(found.notes()).singleElement().asString().startsWith("whether the job runs");
  }

  @Test
  void withoutAJobManagerItIsNotKnownWhetherTheJobRuns() throws Exception {
    write("new", 3, StopResult.Kind.PROVED, "sluice", List.of());
    AuditSubject found = find("sluice", null);
    assertThat(found.running()).isEqualTo(Running.UNKNOWN);
    assertThat(stop(found)).isEqualTo("receipt-new.json");
    assertThat(found.notes())
        .singleElement()
        .asString()
        .startsWith("whether the job runs is not known: no JobManager is named");
  }

  @Test
  void aReceiptThatCannotBeReadIsNamed() throws Exception {
    Files.writeString(journal.resolve("receipt-bad.json"), "{}");
    AuditSubject found = find("sluice");
    assertThat(found.notes()).singleElement().asString().contains("receipt-bad.json");
    assertThat(find("sluice").settings()).isNull();
  }

  @Test
  void settingsThatDoNotFitTheCommandLineAreAnotherJobsButItRuns() throws Exception {
    runs("RUNNING", "sluice");
    write("one", 1, StopResult.Kind.PROVED, "sluice", List.of());
    AuditSubject found =
        AuditSubject.find(
            "sluice",
            settings -> false,
            new JobManager(flink.addresses(), Duration.ofSeconds(5)),
            journal);
    assertThat(found.settings()).isNull();
    assertThat(found.running()).isEqualTo(Running.YES);
    assertThat(found.stop()).isNull();
  }

  @Test
  void aJobWhoseSettingsAreAllDefaultsIsKnown() throws Exception {
    flink
        .tell("/jobs/overview", overview("RUNNING"))
        .tell(
            "/jobs/" + ID + "/config",
            "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\"}}}");
    assertThat(find("sluice").settings()).isNotNull().isEmpty();
    assertThat(find("other").settings()).isNull();
  }

  @Test
  void aResumptionThatOnlyTheSnapshotsReceiptTellsCounts() throws Exception {
    Path snapshot = journal.resolve("savepoint");
    WrittenSnapshot.empty(snapshot);
    Receipt stop = receipt(3, StopResult.Kind.PROVED, "sluice", snapshot.toString(), List.of());
    ReceiptFile.write(journal.resolve("receipt-one.json"), stop, ReceiptKeys.NONE);
    AuditSubject before = find("sluice");
    ReceiptFolder.Kept bounding = Objects.requireNonNull(before.stop());
    assertThat(find("sluice").stillBoundedBy(bounding)).isTrue();

    ReceiptFile.write(
        snapshot.resolve(ReceiptFile.COPY_NAME),
        stop.with(new Receipt.Resumption(NOON, ID, 2, 0L, 0, Receipt.Resumption.State.RUNS)),
        ReceiptKeys.NONE);
    AuditSubject after = find("sluice");
    assertThat(after.stop()).isNull();
    assertThat(after.notes()).singleElement().asString().contains("receipt-one.json", "resumed");
    assertThat(after.stillBoundedBy(bounding)).isFalse();
  }

  /** A store may fail to answer; an answer from them does not say that no one resumed. */
  @Test
  void aCopyBesideTheSnapshotThatCannotBeReadBoundsNothing() throws Exception {
    Path snapshot = journal.resolve("savepoint");
    WrittenSnapshot.empty(snapshot);
    Receipt stop = receipt(3, StopResult.Kind.PROVED, "sluice", snapshot.toString(), List.of());
    ReceiptFile.write(journal.resolve("receipt-one.json"), stop, ReceiptKeys.NONE);
    ReceiptFolder.Kept bounding = Objects.requireNonNull(find("sluice").stop());
    Files.createDirectory(snapshot.resolve(ReceiptFile.COPY_NAME)); // is there, and can't be read
    AuditSubject now = find("sluice");
    assertThat(now.stop()).isNull();
    assertThat(now.notes())
        .singleElement()
        .asString()
        .contains("receipt-one.json", "whether the job was resumed can't be read");
    assertThat(now.whyUnbounded(bounding, List.of())).isEqualTo(now.notes());
  }

  @Test
  void aJobThatWasStartedMeanwhileIsNoLongerBounded() throws Exception {
    write("one", 1, StopResult.Kind.PROVED, "sluice", List.of());
    ReceiptFolder.Kept bounding = Objects.requireNonNull(find("sluice").stop());
    runs("RUNNING", "sluice");
    assertThat(find("sluice").stillBoundedBy(bounding)).isFalse();
    assertThat(find("sluice").whyUnbounded(bounding, List.of()))
        .singleElement()
        .asString()
        .contains("runs by now");
  }

  @Test
  void aStopThatIsNewerBoundsInstead() throws Exception {
    write("one", 1, StopResult.Kind.PROVED, "sluice", List.of());
    ReceiptFolder.Kept bounding = Objects.requireNonNull(find("sluice").stop());
    write("two", 2, StopResult.Kind.PROVED, "sluice", List.of());
    assertThat(find("sluice").stillBoundedBy(bounding)).isFalse();
    assertThat(find("sluice").whyUnbounded(bounding, List.of()))
        .singleElement()
        .asString()
        .contains("receipt-two.json is newer");
  }

  private AuditSubject find(String prefix) throws Exception {
    return find(prefix, new JobManager(flink.addresses(), Duration.ofSeconds(5)));
  }

  private AuditSubject find(String prefix, @Nullable JobManager asked) throws Exception {
    return AuditSubject.find(prefix, settings -> true, asked, journal);
  }

  private static @Nullable String stop(AuditSubject found) {
    ReceiptFolder.Kept stop = found.stop();
    return stop == null ? null : String.valueOf(stop.file().getFileName());
  }

  private void runs(String state, String prefix) {
    flink
        .tell("/jobs/overview", overview(state))
        .tell(
            "/jobs/" + ID + "/config",
            """
            {"execution-config":{"user-config":{"sluice-version":"1",
              "sluice.sink.transactional-id-prefix":"%s","sluice.model.labels":"ok,failed"}}}
            """
                .formatted(prefix));
  }

  private static String overview(String state) {
    return "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"%s\",\"start-time\":0}]}"
        .formatted(ID, state);
  }

  private void write(
      String name,
      int hours,
      StopResult.Kind outcome,
      String prefix,
      List<Receipt.Resumption> resumptions)
      throws Exception {
    ReceiptFile.write(
        journal.resolve("receipt-" + name + ".json"),
        receipt(hours, outcome, prefix, "file:/s", resumptions),
        ReceiptKeys.NONE);
  }

  private static Receipt receipt(
      int hours,
      StopResult.Kind outcome,
      String prefix,
      String snapshot,
      List<Receipt.Resumption> resumptions) {
    return new Receipt(
        Receipt.VERSION,
        "sluice",
        outcome,
        NOON,
        NOON.plus(Duration.ofHours(hours)),
        new Receipt.Job(
            ID,
            "j",
            "2.2.1",
            "1",
            2,
            new TreeMap<>(
                Map.of("sluice.sink.transactional-id-prefix", prefix, LABELS, "ok,failed")),
            "",
            new TreeMap<>(),
            ""),
        new Receipt.Snapshot(snapshot, "savepoint", 1, "canonical", false, 0, List.of()),
        new TreeMap<>(),
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of(),
        null,
        resumptions,
        false,
        List.of());
  }
}

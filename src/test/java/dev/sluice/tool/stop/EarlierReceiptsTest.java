package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.support.GoldenReceipt;
import dev.sluice.support.UnlistableDirectory;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.Receipt.Resumption;
import dev.sluice.tool.receipt.Receipt.Resumption.State;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With which of several receipts that tell of one job's id a stop is compared. */
class EarlierReceiptsTest {

  private static final String JOB = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  private Snapshot snapshot;
  private Path stops = Path.of("");
  private @Nullable Path own;
  private Instant begun = Instant.EPOCH;

  @BeforeEach
  void openASavepoint() throws Exception {
    snapshot = Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString());
    stops = Files.createDirectory(folder.resolve("stops"));
  }

  /** Who proves a stop again may have gone back to an older one since. */
  @Test
  void whatWasResumedAfterTheStopIsNotWhereItsRunBegan() throws Exception {
    write("older", 0, resumed(1, State.RUNS), resumed(9, State.RUNS));
    write("before", 0, resumed(3, State.RUNS));
    assertThat(found(5, null)).isEqualTo("before");
  }

  /** Clocks of two machines differ: the only one that tells of the run is of it all the same. */
  @Test
  void theOnlyReceiptOfTheRunCountsWhateverItsTime() throws Exception {
    write("before", 0, resumed(6, State.RUNS));
    assertThat(found(5, null)).isEqualTo("before");
  }

  @Test
  void whatWasOnlyAskedForComesAfterWhatFlinkHasTaken() throws Exception {
    write("never", 0, resumed(4, State.ASKED));
    write("before", 0, resumed(3, State.SUBMITTED));
    assertThat(found(5, null)).isEqualTo("before");
  }

  /** As of a tool that was killed right after its request: the job did run. */
  @Test
  void whatWasOnlyAskedForCountsWhereNothingElseTellsOfTheRun() throws Exception {
    write("before", 0, resumed(4, State.ASKED));
    assertThat(found(5, null)).isEqualTo("before");
  }

  @Test
  void theSnapshotThatFlinkHasStartedTheRunFromDecides() throws Exception {
    write("before", 0, resumed(2, State.ASKED));
    write("later", 0, resumed(4, State.RUNS));
    assertThat(found(5, null)).as("negative control").isEqualTo("later");
    assertThat(found(5, "file:/s/before/")).isEqualTo("before");
  }

  /** A resume that names the savepoint's directory is recorded only in the copy there. */
  @Test
  void theReceiptOfTheRestoredSnapshotCountsWithoutAResumptionInIt() throws Exception {
    write("before", 0);
    write("other", 1);
    assertThat(found(5, "file:/s/before")).isEqualTo("before");
  }

  /** Where the journal tells only of another run with the same fixed id. */
  @Test
  void theReceiptOfTheRestoredSnapshotCountsWhereverItIs() throws Exception {
    Path journal = stops;
    write("other", 0, resumed(4, State.RUNS));
    own = Files.createDirectory(folder.resolve("copied"));
    stops = own;
    write("before", 0, resumed(2, State.RUNS));
    stops = journal;
    assertThat(found(5, "file:/s/before")).isEqualTo("before");
    assertThat(found(5, null)).as("where Flink does not say so").isEqualTo("other");
    assertThat(found(5, "file:/s/nowhere")).as("where no receipt is of it").isEqualTo("other");
  }

  /** What the journal has is not lost for that. */
  @Test
  void anOwnDirectoryThatCanNotBeListedFailsNoProof() throws Exception {
    write("other", 0, resumed(4, State.RUNS));
    own = UnlistableDirectory.of(Files.createDirectory(folder.resolve("hidden")));
    assertThat(found(5, "file:/s/before")).isEqualTo("other");
    assertThat(search(5, "file:/s/before").findings().warnings())
        .singleElement()
        .asString()
        .contains("receipts in " + folder.resolve("hidden"), "AccessDenied", "were not checked");

    Files.delete(stops.resolve("receipt-other.json"));
    EarlierReceipts.Found none = search(5, "file:/s/before");
    assertThat(none.before()).isEmpty();
    assertThat(none.findings().notProved())
        .as("what was not found is not proved")
        .containsExactly(EarlierReceipts.NOT_COMPARED);
  }

  /** As of a stop whose receipt was not to be in the journal. */
  @Test
  void theRestoredSnapshotsReceiptThatAnEntryNamesCounts() throws Exception {
    Path journal = stops;
    write("other", 0, resumed(4, State.RUNS));
    stops = Files.createDirectory(folder.resolve("elsewhere"));
    write("before", 0, resumed(2, State.RUNS));
    Files.writeString(
        journal.resolve(JOB + ".json"),
        """
        {"version":3,"job":{"id":"%s","name":"flights","flinkVersion":"2.2.1","version":"1",
          "parallelism":2,"settings":{},"flink":{}},
         "triggerId":"%s","startedAt":"%s","drain":false,"nativeFormat":false,"attempt":0,
         "receipt":"%s"}
        """
            .formatted(JOB, JOB, at(0), stops.resolve("receipt-before.json")));
    stops = journal;
    assertThat(found(5, "file:/s/before")).isEqualTo("before");
  }

  /** As of a backup in the journal. */
  @Test
  void ofTwoFilesOfOneStopTheOneThatWasProvedLastCounts() throws Exception {
    write("a-backup", "before", 0, resumed(3, State.RUNS));
    write("before", "before", 2, resumed(3, State.RUNS));
    write("z-backup", "before", 1, resumed(3, State.RUNS));
    assertThat(found(5, null)).isEqualTo("before");
  }

  private static Resumption resumed(int minute, State state) {
    return new Resumption(at(minute), JOB, 2, 0L, 0, state);
  }

  private static Instant at(int minute) {
    return Instant.parse("2026-11-22T12:00:00Z").plusSeconds(60L * minute);
  }

  private void write(String name, int proved, Resumption... resumptions) throws IOException {
    write(name, name, proved, resumptions);
  }

  /**
   * @param proved the minute of its proof
   */
  private void write(String name, String savepoint, int proved, Resumption... resumptions)
      throws IOException {
    ObjectNode json = GoldenReceipt.of(snapshot);
    ((ObjectNode) json.path("snapshot")).put("uri", "file:/s/" + savepoint);
    json.put("startedAt", begun.toString()).put("endedAt", at(proved).toString());
    Path file = stops.resolve("receipt-%s.json".formatted(name));
    GoldenReceipt.write(file, json, ReceiptKeys.NONE);
    Receipt receipt = ReceiptFile.read(file);
    for (Resumption one : resumptions) {
      receipt = receipt.with(one);
    }
    ReceiptFile.write(file, receipt, ReceiptKeys.NONE);
  }

  /** The name of the receipt, for a stop that was begun at a minute. */
  private String found(int minute, @Nullable String restored) throws IOException {
    Path file = search(minute, restored).before().orElseThrow().file();
    return Objects.toString(file.getFileName()).replaceAll("receipt-(.*)\\.json", "$1");
  }

  private EarlierReceipts.Found search(int minute, @Nullable String restored) throws IOException {
    Journal.Entry entry =
        new Journal.Entry(
            1,
            new JobFacts(
                JOB, "flights", "2.2.1", "1", 2, new TreeMap<>(), new TreeMap<>(), restored, ""),
            JOB,
            at(minute).toString(),
            null,
            false,
            false,
            null,
            null,
            null,
            0,
            null,
            null,
            null);
    return new EarlierReceipts(stops, own).of(entry);
  }
}

package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final String NOON = "2026-11-22T12:00:00Z";
  private static final Instant RUN = Instant.parse("2026-11-01T12:00:00Z");
  private static final Path GOLDEN = Path.of("src/test/resources/golden/journal");
  private static final Duration SOON = Duration.ofMillis(50);

  private static final SortedMap<String, String> A = new TreeMap<>(Map.of("a", "1"));
  private static final SortedMap<String, String> NONE = new TreeMap<>();

  @TempDir Path folder;

  @Test
  void whatIsWrittenDownIsFoundByTheNextStop() throws Exception {
    try (Journal journal = Journal.open(folder.resolve("new"), ID, SOON, Time.system())) {
      assertThat(journal.read()).isEmpty();
      journal.write(entry());
    }
    assertThat(Journal.peek(folder.resolve("new"), ID)).contains(entry());
    try (Journal journal = Journal.open(folder.resolve("new"), ID, SOON, Time.system())) {
      assertThat(journal.read()).contains(entry());
      journal.write(entry().saved("file:/s").over(Path.of("/r.json")));
    }
    assertThat(Journal.peek(folder.resolve("new"), ID).orElseThrow().savepoint())
        .isEqualTo("file:/s");
  }

  @Test
  void aSecondStopWaitsForTheFirst() throws Exception {
    try (Journal first = Journal.open(folder, ID, SOON, Time.system())) {
      assertThatThrownBy(() -> Journal.open(folder, ID, SOON, Time.system()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another stop of job " + ID);
      first.forget();
    }
    Journal.open(folder, ID, SOON, Time.system()).close();
  }

  @Test
  void aJournalOfTheFirstVersionIsRead() throws Exception {
    Files.copy(GOLDEN.resolve("version-1.json"), folder.resolve(ID + ".json"));
    assertThat(Journal.peek(folder, ID)).contains(entry());
  }

  @Test
  void aJournalIsWrittenByteForByteAsBefore() throws Exception {
    Journal.Entry sixth =
        entry(6, new JobFacts(ID, "job", "2.2.1", "1", 2, A, NONE, "file:/zero", "kafka-1"));
    try (Journal journal = Journal.open(folder, ID, SOON, Time.system())) {
      journal.write(sixth);
    }
    assertThat(folder.resolve(ID + ".json"))
        .hasSameBinaryContentAs(GOLDEN.resolve("version-6.json"));
    assertThat(Journal.peek(folder, ID)).contains(sixth);
    assertThat(sixth.isOf(run(RUN))).isTrue();
  }

  @Test
  void aJournalOfTheFifthVersionIsRead() throws Exception {
    Files.copy(GOLDEN.resolve("version-5.json"), folder.resolve(ID + ".json"));
    JobFacts job = new JobFacts(ID, "job", "2.2.1", "1", 2, A, NONE, "file:/zero", "");
    assertThat(Journal.peek(folder, ID)).as("of no known Kafka cluster").contains(entry(5, job));
  }

  @Test
  void aJournalOfTheFourthVersionIsRead() throws Exception {
    Files.copy(GOLDEN.resolve("version-4.json"), folder.resolve(ID + ".json"));
    assertThat(Journal.peek(folder, ID)).contains(fourth());
    assertThat(fourth().job().restored()).as("not recorded").isNull();
  }

  @Test
  void aJournalOfTheThirdVersionIsRead() throws Exception {
    Files.copy(GOLDEN.resolve("version-3.json"), folder.resolve(ID + ".json"));
    Journal.Entry third = Journal.peek(folder, ID).orElseThrow();
    assertThat(third.rest()).isEqualTo(fourth().rest());
    assertThat(third.behind()).as("nothing lies behind it").isEqualTo(StopHistory.NONE);
  }

  @Test
  void aJournalOfTheSecondVersionIsRead() throws Exception {
    Files.copy(GOLDEN.resolve("version-2.json"), folder.resolve(ID + ".json"));
    Journal.Entry second = Journal.peek(folder, ID).orElseThrow();
    assertThat(second.isOf(run(RUN))).isTrue();
    assertThat(second.rest()).as("the cluster is not recorded").isNull();
  }

  private static Journal.Entry fourth() {
    return entry(4, entry().job());
  }

  private static Journal.Entry entry(int version, JobFacts job) {
    return new Journal.Entry(
        version,
        job,
        ID,
        NOON,
        null,
        false,
        true,
        null,
        null,
        RUN.toString(),
        3,
        false,
        Journal.Entry.rest(List.of(URI.create("http://flink:8081/"))),
        new StopHistory(true, List.of("file:/first")));
  }

  @Test
  void aJournalOfALaterVersionIsNotTakenForOneOfToday() throws Exception {
    String later = Files.readString(GOLDEN.resolve("version-6.json"));
    Files.writeString(
        folder.resolve(ID + ".json"), later.replace("\"version\":6", "\"version\":7"));
    assertThatThrownBy(() -> Journal.peek(folder, ID))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 7, written by a newer sluice");
  }

  @Test
  void anEntryIsOfTheRunThatWasThenAndOfNoOther() {
    Instant begun = entry().started();
    assertThat(entry().isOf(run(begun))).as("version 1, the run that was then").isTrue();
    assertThat(entry().isOf(run(begun.plusMillis(1)))).as("version 1, a later run").isFalse();
    Journal.Entry known = entry().ofRun(RUN, entry().job());
    assertThat(known.isOf(run(RUN))).isTrue();
    assertThat(known.isOf(run(RUN.minusMillis(1)))).isFalse();
    assertThat(known.isOf(run(RUN.plusMillis(1)))).isFalse();
  }

  @Test
  void stopsAreFoundByNameOrId() throws Exception {
    assertThat(Journal.all(folder.resolve("none"), "job")).isEmpty();
    Files.writeString(folder.resolve("receipt-job-01234567.json"), "{}");
    Files.copy(GOLDEN.resolve("version-1.json"), folder.resolve(ID + ".json"));
    assertThat(Journal.all(folder, "job")).containsExactly(entry());
    assertThat(Journal.all(folder, ID)).containsExactly(entry());
    assertThat(Journal.all(folder, "other")).isEmpty();
  }

  @Test
  void aTornJournalIsNamed() throws Exception {
    Files.writeString(folder.resolve(ID + ".json"), "{\"version\":1,");
    assertThatThrownBy(() -> Journal.peek(folder, ID))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(ID + ".json can't be read");
  }

  @Test
  void aJournalThatCantBeUsedIsNamedBeforeAStopNeedsIt() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> Journal.requireUsable(file.resolve("stops")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file/stops can't be made or used");
    Journal.requireUsable(folder.resolve("stops"));
    assertThat(folder.resolve("stops")).isEmptyDirectory();
  }

  @Test
  void aStopIsGoneOnWithWhileFlinkMayBeAtIt() {
    Duration grace = Duration.ofMinutes(5);
    Instant begun = entry().started();
    assertThat(entry().mayGoOn(grace, begun.plus(Duration.ofMinutes(74)))).isTrue();
    assertThat(entry().mayGoOn(grace, begun.plus(Duration.ofMinutes(76)))).isFalse();
    Journal.Entry shorter = entry();
    shorter.job().flink().put("execution.checkpointing.timeout", "600000 ms");
    assertThat(shorter.mayGoOn(grace, begun.plus(Duration.ofMinutes(24)))).isTrue();
    assertThat(shorter.mayGoOn(grace, begun.plus(Duration.ofMinutes(26)))).isFalse();
  }

  private static JobOverview run(Instant startedAt) {
    return new JobOverview(ID, "job", "RUNNING", startedAt);
  }

  private static Journal.Entry entry() {
    return new Journal.Entry(
        1,
        new JobFacts(
            ID, "job", "2.2.1", "1", 2, new TreeMap<>(Map.of("a", "1")), new TreeMap<>(), null, ""),
        ID,
        NOON,
        null,
        false,
        true,
        null,
        null,
        null,
        0,
        null,
        null,
        null);
  }
}

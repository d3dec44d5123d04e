package dev.sluice.ops.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final Duration SOON = Duration.ofMillis(50);

  @TempDir Path folder;

  @Test
  void whatIsWrittenDownIsFoundByTheNextStop() throws Exception {
    try (Journal journal = Journal.open(folder.resolve("new"), ID, SOON)) {
      assertThat(journal.read()).isEmpty();
      journal.write(entry());
    }
    assertThat(Journal.peek(folder.resolve("new"), ID)).contains(entry());
    try (Journal journal = Journal.open(folder.resolve("new"), ID, SOON)) {
      assertThat(journal.read()).contains(entry());
      journal.write(entry().saved("file:/s").over(Path.of("/r.json")));
    }
    assertThat(Journal.peek(folder.resolve("new"), ID).orElseThrow().savepoint())
        .isEqualTo("file:/s");
  }

  @Test
  void aSecondStopWaitsForTheFirst() throws Exception {
    try (Journal first = Journal.open(folder, ID, SOON)) {
      assertThatThrownBy(() -> Journal.open(folder, ID, SOON))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another stop of job " + ID);
      first.forget();
    }
    Journal.open(folder, ID, SOON).close();
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

  private static Journal.Entry entry() {
    return new Journal.Entry(
        1,
        new JobFacts(ID, "job", "2.2.1", "1", 2, new TreeMap<>(Map.of("a", "1")), new TreeMap<>()),
        ID,
        "2026-11-22T12:00:00Z",
        null,
        false,
        true,
        null,
        null);
  }
}

package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.FlakyFiles;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The proof of a stop whose savepoint lies in a store that fails now and then. */
class FlakyFilesTest {

  private static final int ALWAYS = 100_000;

  @TempDir Path folder;

  private StopWorld world;
  private Path savepoint = Path.of("");

  @BeforeEach
  void stopAJob() throws Exception {
    world = StopWorld.in(folder);
    savepoint = folder.resolve("savepoint").toAbsolutePath();
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.state("FINISHED");
    world.status(
        StopWorld.TRIGGER, world.saved().replace(world.savepoint, FlakyFiles.uri(savepoint)));
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  /** Its credentials are this process's, and not those that Flink has. */
  @Test
  void aStoreThatRefusesTheSnapshotIsNamedWithWhatToDo() {
    FlakyFiles.refuses(savepoint);
    assertThatThrownBy(() -> Snapshot.open(FlakyFiles.uri(savepoint)))
        .hasMessageContaining("403 Forbidden")
        .hasMessageContaining("its credentials come from FLINK_CONF_DIR's config.yaml");
  }

  @Test
  void metadataThatCannotBeOpenedForAMomentIsAskedForAgain() throws Exception {
    FlakyFiles.failsToOpen(savepoint.resolve("_metadata"), 2);
    assertProved();
  }

  @Test
  void metadataWhoseStreamBreaksIsAskedForAgain() throws Exception {
    FlakyFiles.failsToRead(savepoint.resolve("_metadata"), 2);
    assertProved();
  }

  @Test
  void stateFilesThatFailForAMomentAreReadAgain() throws Exception {
    for (Path file : state()) {
      FlakyFiles.failsToOpen(file, 2);
      FlakyFiles.failsToRead(file, 2);
    }
    assertProved();
  }

  /** Hadoop's streams read on to a place that is near. */
  @Test
  void stateFilesThatFailInASeekAreReadAgain() throws Exception {
    for (Path file : state()) {
      FlakyFiles.failsToSeek(file, 2);
    }
    FlakyFiles.failsToSeek(savepoint.resolve("_metadata"), 2);
    assertProved();
  }

  @Test
  void metadataThatStaysAwayIsNotCalledDamaged() throws Exception {
    world.patience = Duration.ofMillis(300);
    FlakyFiles.failsToOpen(savepoint.resolve("_metadata"), ALWAYS);
    assertUnread("_metadata could not be read: Slow Down");
  }

  @Test
  void aStateFileThatStaysAwayIsNotCalledDamaged() throws Exception {
    world.patience = Duration.ofMillis(300);
    for (Path file : state()) {
      FlakyFiles.failsToRead(file, ALWAYS);
    }
    assertUnread("could not be read: Connection reset");
  }

  /** Negative control: waiting does not mend a file that is gone. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aStateFileThatIsMissingIsNotWaitedFor() throws Exception {
    world.patience = Duration.ofMinutes(5);
    Files.delete(state().get(0));
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.text()).contains("missing");
  }

  private void assertProved() throws Exception {
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  private void assertUnread(String words) throws Exception {
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.text())
        .contains(words)
        .doesNotContain("damaged", "another snapshot", "missing");
  }

  private List<Path> state() throws Exception {
    try (Stream<Path> files = Files.list(savepoint)) {
      return files.filter(file -> !file.endsWith("_metadata")).sorted().toList();
    }
  }
}

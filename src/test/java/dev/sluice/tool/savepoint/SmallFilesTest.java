package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.FlakyFiles;
import dev.sluice.tool.cli.Silence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small files that a resume reads, from a store that throttles. */
class SmallFilesTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final int ALWAYS = 100_000;
  private static final String NAME = "small.json";

  @TempDir Path folder;

  private Path savepoint = Path.of("");
  private Snapshot snapshot;

  @BeforeEach
  void write() throws Exception {
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toAbsolutePath();
    snapshot = Snapshot.open(FlakyFiles.uri(savepoint));
    Files.writeString(savepoint.resolve(NAME), "{}");
  }

  @Test
  void aStoreThatFailsForAMomentIsAskedAgain() throws Exception {
    FlakyFiles.failsToOpen(savepoint.resolve("_metadata"), 2);
    assertThat(SnapshotFiles.metadataHash(snapshot, LONG)).matches("[0-9a-f]{64}");
    FlakyFiles.failsToOpen(savepoint.resolve(NAME), 2);
    assertThat(SnapshotFiles.sibling(snapshot, NAME, LONG)).isPresent();
    assertThat(SnapshotFiles.sibling(snapshot, "none.json", LONG)).isEmpty();
  }

  @Test
  void oneThatStaysSilentIsNoReasonToTakeAnother() throws Exception {
    FlakyFiles.failsToOpen(savepoint.resolve("_metadata"), ALWAYS);
    assertThatThrownBy(() -> SnapshotFiles.metadataHash(snapshot, SHORT))
        .isInstanceOf(UnreadFileException.class)
        .hasMessageContaining("_metadata could not be read")
        .hasMessageContaining("give the same command again");
    assertThatThrownBy(() -> Snapshot.open(snapshot.uri(), SHORT))
        .isInstanceOf(UnreadFileException.class)
        .satisfies(thrown -> assertThat(Silence.isBehind(thrown)).isTrue());
    FlakyFiles.failsToOpen(savepoint.resolve(NAME), ALWAYS);
    assertThatThrownBy(() -> SnapshotFiles.sibling(snapshot, NAME, SHORT))
        .isInstanceOf(UnreadFileException.class)
        .hasMessageContaining(NAME)
        .satisfies(thrown -> assertThat(Silence.isBehind(thrown)).isTrue());
  }
}

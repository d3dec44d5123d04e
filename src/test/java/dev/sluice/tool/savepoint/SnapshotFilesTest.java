package dev.sluice.tool.savepoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.FlakyFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file next to a snapshot, in stores that put no file in another's place. */
class SnapshotFilesTest {

  private static final Path SAVEPOINT = Path.of("src/test/resources/golden/savepoint-flink-2.2");
  private static final String NAME = "sluice-receipt.json";

  @TempDir Path folder;

  private Path directory;
  private Snapshot snapshot;

  @BeforeEach
  void write() throws IOException {
    directory = Files.createDirectories(folder.toAbsolutePath().resolve("savepoint-1"));
    try (var files = Files.list(SAVEPOINT)) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    FlakyFiles.replacesNothingIn(directory);
    snapshot = Snapshot.open(FlakyFiles.uri(directory));
    put("first");
  }

  @Test
  void oneTakesTheOthersPlace() throws Exception {
    put("second");
    assertThat(sibling()).isEqualTo("second");
    assertNothingIsLeft();
  }

  /** It may be the only trace of a resumption. */
  @Test
  void aWriterThatIsKilledLeavesTheNewOne() throws Exception {
    FlakyFiles.failsToRename(directory.resolve(NAME), 2);
    assertThatThrownBy(() -> put("second")).isInstanceOf(IOException.class);
    assertThat(sibling()).isEqualTo("second");
    put("third");
    assertThat(sibling()).isEqualTo("third");
    assertNothingIsLeft();
  }

  @Test
  void aWriterThatCannotWriteLeavesTheOldOne() throws Exception {
    FlakyFiles.failsToRename(directory.resolve(NAME), 1);
    FlakyFiles.failsToRename(directory.resolve(NAME + ".new"), 1);
    assertThatThrownBy(() -> put("second")).isInstanceOf(IOException.class);
    assertThat(sibling()).isEqualTo("first");
    assertNothingIsLeft();
  }

  /** Each on a machine of its own, so that no lock keeps them apart. */
  @Test
  void aWriterThatFindsItsWorkDoneLeavesTheOthersFile() throws Exception {
    FlakyFiles.onceMovedTo(
        directory.resolve(NAME + ".new"),
        () -> {
          try {
            put("of the other");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    put("second");
    assertThat(sibling()).isEqualTo("of the other");
    assertNothingIsLeft();
  }

  /** Whoever waited for it has gone on, and another may have written since. */
  @Test
  void aWriterThatIsGivenUpPutsNothingInThePlaceOfANewerOne() throws Exception {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> put("late")).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(sibling()).isEqualTo("first");
    assertNothingIsLeft();
  }

  private void put(String text) throws IOException {
    SnapshotFiles.putSibling(snapshot, NAME, text.getBytes(UTF_8));
  }

  private String sibling() throws IOException {
    return new String(SnapshotFiles.sibling(snapshot, NAME).orElseThrow(), UTF_8);
  }

  private void assertNothingIsLeft() throws IOException {
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.contains("receipt") && !name.endsWith(".crc"))
          .containsExactly(NAME);
    }
  }
}

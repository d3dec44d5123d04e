package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.features.FeatureEncoder;
import dev.sluice.model.ModelDescription;
import dev.sluice.support.WrittenSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.CheckpointRetentionPolicy;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SnapshotTest {

  private static final SavepointFormatType CANONICAL = SavepointFormatType.CANONICAL;

  @TempDir Path directory;

  private final SavedModelFixtures given = new SavedModelFixtures();

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of(CheckpointProperties.forSyncSavepoint(false, false, CANONICAL), Kind.STOPPED),
        Arguments.of(CheckpointProperties.forSyncSavepoint(false, true, CANONICAL), Kind.DRAINED),
        Arguments.of(CheckpointProperties.forSavepoint(false, CANONICAL), Kind.SAVEPOINT),
        Arguments.of(
            CheckpointProperties.forCheckpoint(CheckpointRetentionPolicy.RETAIN_ON_CANCELLATION),
            Kind.CHECKPOINT));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatItWasTakenForIsTold(CheckpointProperties properties, Kind kind) throws Exception {
    Snapshot snapshot = Snapshot.open(write(properties));
    assertThat(snapshot.kind()).isEqualTo(kind);
    assertThat(snapshot.canonical()).isEqualTo(kind != Kind.CHECKPOINT);
    assertThat(snapshot.checkpointId()).isEqualTo(7);
  }

  @Test
  void championAndDescriptionComeWithIt() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    Snapshot.SavedChampion champion = snapshot.champion().orElseThrow();
    assertThat(champion.version()).isEqualTo(SavedModelFixtures.VERSION);
    assertThat(champion.bytes()).isEqualTo(given.champion);
    assertThat(snapshot.description()).contains(given.online.description());
    int known = given.online.newState().start.columns().length;
    assertThat(snapshot.description().orElseThrow().shape())
        .isEqualTo(
            new ModelDescription.Shape(
                2,
                known,
                known + SavedModelFixtures.WIDTH + FeatureEncoder.NUMBER_COLUMNS,
                1,
                true,
                SavedModelFixtures.WIDTH));
    assertThat(snapshot.description().orElseThrow().toSettings().labels())
        .containsExactlyInAnyOrderElementsOf(SavedModelFixtures.LABELS);
  }

  @Test
  void whatTheJobNeverStoredIsEmpty() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    assertThat(snapshot.sourceOffsets()).isEmpty();
    assertThat(snapshot.committables()).isEmpty();
    assertThat(snapshot.fence()).isEmpty();
  }

  @Test
  void itIsFoundByItsDirectoryItsMetadataOrARelativePath() throws Exception {
    String path = write();
    Path relative = Path.of("").toAbsolutePath().relativize(Path.of(path));
    for (String uri :
        List.of(
            path,
            path + "/",
            "file:" + path,
            "file://" + path,
            path + "/_metadata",
            "" + relative)) {
      assertThat(Snapshot.open(uri).uri()).as(uri).isEqualTo("file:" + path);
    }
  }

  @Test
  void everyFileIsCountedOnceAndHashed() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    FileCheck check = SnapshotFiles.check(snapshot);
    assertThat(check.problems()).isEmpty();
    assertThat(check.files()).hasSize(3).allMatch(file -> file.sha256().matches("[0-9a-f]{64}"));
    assertThat(check.files().stream().map(file -> Map.entry(file.uri(), file.bytes())))
        .isEqualTo(
            snapshot.files().stream().map(file -> Map.entry(file.uri(), file.bytes())).toList());
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> "file:" + file))
          .containsExactlyInAnyOrderElementsOf(
              snapshot.files().stream().map(StoredFile::uri).toList());
    }
  }

  @Test
  void aMissingFileIsNamed() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    StoredFile file = snapshot.files().get(2);
    Files.delete(path(file));
    assertThat(SnapshotFiles.check(snapshot).problems())
        .singleElement()
        .asString()
        .contains(file.uri(), "is missing");
    SnapshotFiles.check(snapshot)
        .files()
        .forEach(f -> assertThat(f.uri()).isNotEqualTo(file.uri()));
  }

  @Test
  void whatNeedsAMissingFileFailsNamingTheSnapshot() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    for (StoredFile file : snapshot.files().subList(1, 3)) {
      Files.delete(path(file));
    }
    assertThatThrownBy(snapshot::champion)
        .isInstanceOf(UncheckedIOException.class)
        .cause()
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining(snapshot.uri());
    assertThatThrownBy(() -> snapshot.models().eachKey(key -> {}))
        .hasStackTraceContaining("BadSnapshotException");
  }

  @Test
  void aFileThatIsCutOffIsNamedWithBothLengths() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    StoredFile file = keyed(snapshot);
    Files.write(path(file), Arrays.copyOf(Files.readAllBytes(path(file)), 500));
    assertThat(SnapshotFiles.check(snapshot).problems())
        .singleElement()
        .asString()
        .contains(file.uri(), "500 bytes of the", "%,d".formatted(file.bytes()));
    assertThatThrownBy(() -> snapshot.models().check())
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining(file.uri())
        .hasMessageContaining("damaged");
  }

  @Test
  void aFileThatHasGrownIsNamed() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    StoredFile file = keyed(snapshot);
    Files.write(path(file), new byte[1], StandardOpenOption.APPEND);
    assertThat(SnapshotFiles.check(snapshot).problems())
        .singleElement()
        .asString()
        .contains(file.uri(), "is not the file that was written");
  }

  @Test
  void aHugeLengthInADamagedFileIsNoReasonToDie() throws Exception {
    Snapshot snapshot = Snapshot.open(write());
    Path file = path(keyed(snapshot));
    byte[] bytes = Files.readAllBytes(file);
    int entries = bytes.length - 1_000;
    Arrays.fill(bytes, entries, bytes.length, (byte) 0x7F);
    Files.write(file, bytes);
    List<String> messages;
    try {
      messages = snapshot.models().check().problems();
    } catch (BadSnapshotException e) {
      messages = List.of(e.toString());
    }
    assertThat(messages).isNotEmpty();
  }

  @Test
  void damagedMetadataIsTold() throws Exception {
    String path = write();
    Path metadata = Path.of(path, "_metadata");
    byte[] bytes = Files.readAllBytes(metadata);
    for (int length : new int[] {0, 3, 100, bytes.length - 1}) {
      Files.write(metadata, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> Snapshot.open(path))
          .as("%s bytes", length)
          .isInstanceOf(BadSnapshotException.class)
          .hasMessageContaining("_metadata")
          .hasMessageContaining("damaged");
    }
    Files.writeString(metadata, "not a snapshot at all");
    assertThatThrownBy(() -> Snapshot.open(path)).isInstanceOf(BadSnapshotException.class);
  }

  @Test
  void noFlippedByteOfTheMetadataEndsInAnythingButAMessage() throws Exception {
    String path = write();
    Path metadata = Path.of(path, "_metadata");
    byte[] bytes = Files.readAllBytes(metadata);
    for (int i = 0; i < Math.min(bytes.length, 400); i++) {
      bytes[i] ^= 0x55;
      Files.write(metadata, bytes);
      bytes[i] ^= 0x55;
      try {
        Snapshot snapshot = Snapshot.open(path);
        assertThat(snapshot.files()).isNotEmpty();
      } catch (BadSnapshotException e) {
        assertThat(e).hasMessageContaining(path);
      }
    }
  }

  @Test
  void anEmptyDirectoryIsAnUnfinishedSnapshotAndNoDirectoryIsNone() throws IOException {
    assertThatThrownBy(() -> Snapshot.open(directory.toString()))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("holds no _metadata")
        .hasMessageContaining("never completed");
    assertThatThrownBy(() -> Snapshot.open(directory + "/nowhere"))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("there is no snapshot at file:" + directory + "/nowhere");
    assertThatThrownBy(() -> Snapshot.open("gopher://there/savepoint-1"))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("FLINK_CONF_DIR (" + variable("FLINK_CONF_DIR"))
        .hasMessageContaining("FLINK_PLUGINS_DIR (" + variable("FLINK_PLUGINS_DIR"));
    assertThatThrownBy(() -> Snapshot.open(" ")).isInstanceOf(IllegalArgumentException.class);
  }

  private static String variable(String name) {
    String value = System.getenv(name);
    return value == null ? "not set)" : "now " + value + ")";
  }

  @Test
  void anotherJobsSnapshotIsRefused() throws Exception {
    try (OutputStream out = Files.newOutputStream(directory.resolve("_metadata"))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(
              1, List.of(), List.of(), CheckpointProperties.forSavepoint(false, CANONICAL)),
          out);
    }
    assertThatThrownBy(() -> Snapshot.open(directory.toString()))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("another job");
  }

  private String write() throws Exception {
    return write(CheckpointProperties.forSyncSavepoint(false, false, CANONICAL));
  }

  private String write(CheckpointProperties properties) throws Exception {
    try (WrittenSnapshot written =
        new WrittenSnapshot(directory, new HashMapStateBackend(), false, given.meaning())) {
      for (int i = 0; i < 20; i++) {
        written.key("K" + i, given.learned(3), Map.of());
      }
      return written.take(properties);
    }
  }

  /** The file of the keyed state, the largest one. */
  private static StoredFile keyed(Snapshot snapshot) {
    return snapshot.files().stream().max(Comparator.comparingLong(StoredFile::bytes)).orElseThrow();
  }

  private static Path path(StoredFile file) {
    return Path.of(file.uri().substring("file:".length()));
  }
}

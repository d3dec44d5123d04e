package dev.sluice.tool.savepoint;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.support.ModelStates;
import dev.sluice.support.WrittenSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.CheckpointRetentionPolicy;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in the formats of the state backends themselves. */
class NativeModelsTest {

  private static final int KEYS = 400;
  private static final CheckpointProperties CANONICAL =
      CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.CANONICAL);
  private static final CheckpointProperties NATIVE =
      CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.NATIVE);
  private static final CheckpointProperties CHECKPOINT =
      CheckpointProperties.forCheckpoint(CheckpointRetentionPolicy.RETAIN_ON_CANCELLATION);
  private static final String TEMPORARY = "java.io.tmpdir";

  @TempDir Path directory;

  private final SavedModelFixtures given = new SavedModelFixtures();
  private final Map<String, ModelState> models = new HashMap<>();
  private final Map<String, Map<String, Pending>> pending = new HashMap<>();
  private final String temporaryBefore = System.getProperty(TEMPORARY);
  private Path temporary = Path.of("");

  @BeforeEach
  void giveATemporaryDirectoryOfItsOwn() throws IOException {
    temporary = Files.createDirectory(directory.resolve("tmp"));
    System.setProperty(TEMPORARY, temporary.toString());
  }

  @AfterEach
  void nothingIsLeftInTheTemporaryDirectory() throws IOException {
    System.setProperty(TEMPORARY, temporaryBefore);
    if (Files.isReadable(temporary)) {
      try (Stream<Path> left = Files.list(temporary)) {
        assertThat(left.filter(path -> path.toString().contains(PrivateDirectory.PREFIX)))
            .as("copies that were left")
            .isEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"true,false", "true,true", "false,false", "false,true"})
  void theSameIsFoundAsInTheCanonicalFormat(boolean rocksDb, boolean compressed) throws Exception {
    give();
    ModelStates.change(
        requireNonNull(models.get("K7")), 0, all -> all.weights()[1][0] = Double.NaN);
    requireNonNull(models.get("K8")).lossWeight = -1;

    Snapshot canonical = Snapshot.open(write("canonical", rocksDb, compressed, CANONICAL));
    for (CheckpointProperties kind : List.of(NATIVE, CHECKPOINT)) {
      Snapshot own = Snapshot.open(write(kind.toString(), rocksDb, compressed, kind));
      assertThat(own.canonical()).isFalse();

      ModelCheck expected = canonical.models().check();
      ModelCheck found = own.models().check();
      assertThat(found.totals()).isEqualTo(expected.totals());
      assertThat(found.totals().keys()).isEqualTo(KEYS);
      assertThat(found.problems())
          .containsExactlyInAnyOrderElementsOf(expected.problems())
          .containsExactlyInAnyOrder(
              "key (K7): challengers[0].weights[1][0] is NaN", "key (K8): lossWeight is -1.0");
      assertThat(found.held().ranges(KEYS)).isEqualTo(expected.held().ranges(KEYS)).isNotEmpty();
      assertThat(summaries(own)).isEqualTo(summaries(canonical)).hasSize(KEYS + 1);
      SavedKey one = own.models().key("K15").orElseThrow();
      assertThat(KeySummary.of(one))
          .isEqualTo(KeySummary.of(canonical.models().key("K15").orElseThrow()));
      assertThat(own.models().key("never seen")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReadingOfTheWholeFindsFilesAndModels(boolean rocksDb) throws Exception {
    give();
    Snapshot own = Snapshot.open(write("native", rocksDb, false, NATIVE));
    WholeRead.Result whole = WholeRead.of(own, ReadProgress.NONE);
    assertThat(whole.files()).isEqualTo(SnapshotFiles.check(own));
    assertThat(whole.files().problems()).isEmpty();
    assertThat(whole.models().totals().keys()).isEqualTo(KEYS);
    assertThat(whole.models().problems()).isEmpty();
  }

  @Test
  void aFlippedByteInATableIsFound() throws Exception {
    give();
    Snapshot own = Snapshot.open(write("native", true, false, NATIVE));
    flip(largest(own), 0.4);

    WholeRead.Result whole = WholeRead.of(own, ReadProgress.NONE);
    assertThat(whole.files().problems()).as("every file has its length").isEmpty();
    assertThatThrownBy(whole::models)
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining(own.uri())
        .hasMessageContaining("the RocksDB of key groups 0 to 127")
        .hasMessageContaining("checksum mismatch");
  }

  /** A file that is declared small must not fill the disk. */
  @Test
  void aTableIsCopiedNoFurtherThanItIsToldToReach() throws Exception {
    give();
    Snapshot own = Snapshot.open(write("native", true, false, NATIVE));
    Path table = largest(own);
    try (RandomAccessFile open = new RandomAccessFile(table.toFile(), "rw")) {
      open.setLength(open.length() + (48L << 20));
    }

    WholeRead.Result whole = WholeRead.of(own, ReadProgress.NONE);
    assertThat(whole.files().problems())
        .singleElement()
        .asString()
        .contains(table.toString(), "is not the file that was written");
    assertThatThrownBy(whole::models)
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("is longer than the");
  }

  /** As if the key group had been empty when it was written. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aKeyGroupThatTellsFewerEntriesThanItHoldsIsDamaged(boolean compressed) throws Exception {
    models.put("K1", given.learned(2));
    pending.put("K1", Map.of());
    String path = write("native", false, compressed, NATIVE);
    assertThat(Snapshot.open(path).models().check().totals().keys()).isEqualTo(1);
    emptyTheGroupThatHoldsAKey(Path.of(path, "_metadata"));

    assertThatThrownBy(() -> Snapshot.open(path).models().check())
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("holds more entries than it declares");
  }

  @Test
  void aTableThatIsMissingIsNamed() throws Exception {
    give();
    Snapshot own = Snapshot.open(write("native", true, false, NATIVE));
    Path table = largest(own);
    Files.delete(table);

    WholeRead.Result whole = WholeRead.of(own, ReadProgress.NONE);
    assertThat(whole.files().problems())
        .singleElement()
        .asString()
        .contains(table.toString(), "is missing");
    assertThatThrownBy(whole::models).isInstanceOf(BadSnapshotException.class);
  }

  @Test
  void withoutADirectoryForTheCopyTheModelsAreNotReadAndTheFilesAre() throws Exception {
    give();
    Snapshot own = Snapshot.open(write("native", true, false, NATIVE));
    System.setProperty(TEMPORARY, directory.resolve("nowhere").toString());

    WholeRead.Result whole = WholeRead.of(own, ReadProgress.NONE);
    assertThat(whole.files()).isEqualTo(SnapshotFiles.check(own));
    assertThatThrownBy(whole::models)
        .isInstanceOf(UnreadModelsException.class)
        .hasMessageContaining("were not read")
        .hasMessageContaining(directory.resolve("nowhere").toString())
        .hasMessageContaining(TEMPORARY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../000011.sst", "/tmp/000011.sst", "..", "a/b.sst", "", ".hidden"})
  void aNameThatLeadsOutOfTheDirectoryIsRefused(String name) throws Exception {
    give();
    String path = write("native", true, false, NATIVE);
    renameFirstTable(Path.of(path, "_metadata"), name);

    assertThatThrownBy(() -> Snapshot.open(path).models().check())
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("(" + name + ")")
        .hasMessageContaining("crafted");
    assertThat(directory.resolve("000011.sst")).doesNotExist();
  }

  /** Every third key has a prediction that waits, every fifth an outcome, and one has only that. */
  private void give() {
    for (int i = 0; i < KEYS; i++) {
      ModelState model = given.learned(i % 4);
      Map<String, Pending> waiting = new HashMap<>();
      if (i % 3 == 0) {
        waiting.put("p-" + i, given.predict(model));
      }
      if (i % 5 == 0) {
        waiting.putAll(SavedModelFixtures.early(i));
      }
      models.put("K" + i, model);
      pending.put("K" + i, waiting);
    }
    pending.put("waits only", SavedModelFixtures.early(KEYS));
  }

  private String write(
      String name, boolean rocksDb, boolean compressed, CheckpointProperties properties)
      throws Exception {
    Path to = directory.resolve("" + Integer.toHexString(name.hashCode()));
    StateBackend backend =
        rocksDb ? new EmbeddedRocksDBStateBackend(true) : new HashMapStateBackend();
    try (WrittenSnapshot written = new WrittenSnapshot(to, backend, compressed, given.meaning())) {
      for (Map.Entry<String, Map<String, Pending>> key : pending.entrySet()) {
        written.key(key.getKey(), models.get(key.getKey()), key.getValue());
      }
      return written.take(properties);
    }
  }

  private static List<String> summaries(Snapshot snapshot) throws IOException {
    List<String> keys = new ArrayList<>();
    snapshot.models().eachKey(key -> keys.add(KeySummary.of(key).toString()));
    keys.sort(null);
    return keys;
  }

  private static Path largest(Snapshot snapshot) {
    return snapshot.files().stream()
        .max(Comparator.comparingLong(StoredFile::bytes))
        .map(file -> Path.of(file.uri().substring("file:".length())))
        .orElseThrow();
  }

  private static void flip(Path file, double where) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      long at = (long) (open.length() * where);
      open.seek(at);
      int before = open.read();
      open.seek(at);
      open.write(before ^ 0x55);
    }
  }

  /** Puts the beginning of a group without entries over that of the only one with an entry. */
  private static void emptyTheGroupThatHoldsAKey(Path metadata) throws Exception {
    KeyGroupsStateHandle handle =
        (KeyGroupsStateHandle)
            loaded(metadata)
                .getOperatorStates()
                .iterator()
                .next()
                .getState(0)
                .getManagedKeyedState()
                .iterator()
                .next();
    Path file = Path.of(handle.maybeGetPath().orElseThrow().getPath());
    byte[] bytes = Files.readAllBytes(file);
    KeyGroupRange range = handle.getKeyGroupRange();
    int longest = 0;
    int longestAt = 0;
    int shortest = Integer.MAX_VALUE;
    int shortestAt = 0;
    for (int group : range) {
      int at = (int) handle.getOffsetForKeyGroup(group);
      int next =
          group == range.getEndKeyGroup()
              ? bytes.length
              : (int) handle.getOffsetForKeyGroup(group + 1);
      if (next - at > longest) {
        longest = next - at;
        longestAt = at;
      }
      if (next - at < shortest) {
        shortest = next - at;
        shortestAt = at;
      }
    }
    assertThat(longest).isGreaterThan(shortest);
    System.arraycopy(
        bytes,
        shortestAt + Integer.BYTES,
        bytes,
        longestAt + Integer.BYTES,
        shortest - Integer.BYTES);
    Files.write(file, bytes);
  }

  private static CheckpointMetadata loaded(Path metadata) throws Exception {
    try (var in = new java.io.DataInputStream(Files.newInputStream(metadata))) {
      return SavedObjects.reading(
          () ->
              Checkpoints.loadCheckpointMetadata(
                  in, NativeModelsTest.class.getClassLoader(), metadata.toString()));
    }
  }

  private static void renameFirstTable(Path metadata, String name) throws Exception {
    CheckpointMetadata read = loaded(metadata);
    OperatorState operator = read.getOperatorStates().iterator().next();
    OperatorSubtaskState subtask = operator.getState(0);
    IncrementalRemoteKeyedStateHandle handle =
        (IncrementalRemoteKeyedStateHandle) subtask.getManagedKeyedState().iterator().next();
    List<HandleAndLocalPath> files = new ArrayList<>(handle.getSharedState());
    files.addAll(handle.getPrivateState());
    files.set(0, HandleAndLocalPath.of(files.get(0).getHandle(), name));
    operator.putState(
        0,
        subtask.toBuilder()
            .setManagedKeyedState(
                new IncrementalRemoteKeyedStateHandle(
                    handle.getBackendIdentifier(),
                    handle.getKeyGroupRange(),
                    handle.getCheckpointId(),
                    List.of(),
                    files,
                    handle.getMetaDataStateHandle()))
            .build());
    try (OutputStream out = Files.newOutputStream(metadata)) {
      Checkpoints.storeCheckpointMetadata(read, out);
    }
  }
}

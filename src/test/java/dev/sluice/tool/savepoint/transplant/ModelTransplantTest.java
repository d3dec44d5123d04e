package dev.sluice.tool.savepoint.transplant;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import dev.sluice.state.Uids;
import dev.sluice.support.ModelStates;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.KeyedEntries;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.ModelCheck;
import dev.sluice.tool.savepoint.OperatorLists;
import dev.sluice.tool.savepoint.SavedKey;
import dev.sluice.tool.savepoint.SavedModelFixtures;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.savepoint.SnapshotText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelTransplantTest {

  private static final int KEYS = 200;
  private static final int OLDER_VERSION = 2;

  @TempDir Path directory;

  private final SavedModelFixtures given = new SavedModelFixtures();

  @ParameterizedTest
  @CsvSource({"false,true", "true,false"})
  void modelsAreTheOlderOnesBitForBitAndAllElseIsTheNewest(boolean olderInRocks, boolean compressed)
      throws Exception {
    Snapshot older = older(olderInRocks, compressed);
    Snapshot newest = newest(!olderInRocks, !compressed);
    Snapshot mixed = new ModelTransplant(older, newest).write(directory + "/mixed");

    Map<String, String> entries = entries(mixed);
    assertThat(only(entries, true)).isEqualTo(only(entries(older), true)).hasSize(KEYS + 1);
    assertThat(only(entries, false))
        .isEqualTo(only(entries(newest), false))
        .hasSizeGreaterThan(KEYS);
    assertThat(states(entries)).hasSize(3); // Timers, too.
    assertThat(mixed.champion().orElseThrow().version()).isEqualTo(OLDER_VERSION);
    assertThat(mixed.description()).isEqualTo(older.description());
    assertThat(mixed.kind()).isEqualTo(Kind.STOPPED);
    assertThat(mixed.checkpointId()).isEqualTo(newest.checkpointId());
    assertThat(SnapshotFiles.check(mixed).problems()).isEmpty();
  }

  @Test
  void aKeyOfOneOfThemOnlyKeepsWhatThatOneSays() throws Exception {
    Snapshot older = older(false, false);
    Snapshot newest = newest(false, false);
    Snapshot mixed = new ModelTransplant(older, newest).write(directory + "/mixed");

    SavedKey gone = mixed.models().key("older only").orElseThrow();
    assertThat(gone.model()).isNotNull();
    assertThat(gone.pendingObservations() + gone.waitingOutcomes()).isZero();
    SavedKey young = mixed.models().key("newest only").orElseThrow();
    assertThat(young.model()).isNull();
    assertThat(young.pendingObservations()).isOne();
    ModelCheck check = mixed.models().check();
    assertThat(check.problems()).isEmpty();
    Receipt.Models then = older.models().check().totals();
    Receipt.Models now = newest.models().check().totals();
    assertThat(check.totals().updates()).isEqualTo(then.updates()).isLessThan(now.updates());
    assertThat(check.totals().waitingOutcomes()).isEqualTo(now.waitingOutcomes()).isPositive();
    assertThat(check.held().ranges(KEYS)).isEqualTo(newest.models().check().held().ranges(KEYS));
  }

  @Test
  void theOlderModelsExpireByNoTimeOfAHistoryThatWasTakenBack() throws Exception {
    ModelState timed = given.learned(2);
    timed.lastEventMs = 978_307_261_000L;
    Snapshot older;
    try (WrittenSnapshot written = written("timed", false, false, OLDER_VERSION)) {
      older = Snapshot.open(written.key("LAS", timed, Map.of()).take(stopped(false)));
    }
    Snapshot newest = newest(false, false);
    Snapshot mixed = new ModelTransplant(older, newest).write(directory + "/mixed");

    ModelState model = requireNonNull(mixed.models().key("LAS").orElseThrow().model());
    assertThat(model.lastEventMs).isEqualTo(ModelState.UNKNOWN);
    assertThat(model.updates).isEqualTo(2);
    assertThat(ModelStates.challengers(model)[0].weights())
        .isDeepEqualTo(ModelStates.challengers(timed)[0].weights());
    assertThat(expiry(newest)).hasSize(1);
    assertThat(expiry(mixed)).as("so that the job gives each model a timer").isEmpty();
  }

  private static List<Long> expiry(Snapshot snapshot) throws IOException {
    return new OperatorLists(snapshot.learnAndPredict()).read(Uids.EXPIRY_STATE, Types.LONG);
  }

  @Test
  void itStandsByItselfWhenBothAreDeleted() throws Exception {
    Snapshot older = older(false, false);
    Snapshot newest = newest(true, false);
    String uri = new ModelTransplant(older, newest).write(directory + "/mixed").uri();
    List<String> text = SnapshotText.of(Snapshot.open(uri));
    delete(Path.of(older.uri().substring("file:".length())));
    delete(Path.of(newest.uri().substring("file:".length())));
    assertThat(SnapshotText.of(Snapshot.open(uri))).isEqualTo(text);
    assertThat(SnapshotFiles.check(Snapshot.open(uri)).problems()).isEmpty();
  }

  @Test
  void offsetsTransactionsAndFenceOfARealSavepointStay() throws Exception {
    Snapshot real = Snapshot.open(GoldenSavepoint.DIRECTORY.toString());
    Snapshot mixed = new ModelTransplant(real, real).write(directory + "/mixed");
    assertThat(said(SnapshotText.of(mixed))).isEqualTo(said(GoldenSavepoint.expected()));
    assertThat(hashes(mixed)).as("byte for byte what Flink wrote").isEqualTo(hashes(real));
    assertThat(entries(mixed)).isEqualTo(entries(real)).isNotEmpty();
    assertThat(SnapshotFiles.check(mixed).problems()).isEmpty();
  }

  @Test
  void whatCantBePutTogetherIsRefusedWithTheWayOut() throws Exception {
    Snapshot older = older(false, false);
    Snapshot newest = newest(false, false);
    ModelSettings wider =
        new ModelSettings(
            given.settings.objective(),
            1,
            given.settings.optimiser(),
            ModelSettings.Rates.defaults(),
            SavedModelFixtures.LABELS,
            2 * SavedModelFixtures.WIDTH,
            ModelSettings.Serving.defaults());
    OnlineModel other = new OnlineModel(wider, null);
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            Files.createDirectory(directory.resolve("other")),
            new HashMapStateBackend(),
            false,
            new WrittenSnapshot.Meaning(other.description(), null))) {
      written.key("LAS", other.newState(), Map.of());
      Snapshot wide = Snapshot.open(written.take(stopped(false)));
      assertThatThrownBy(() -> new ModelTransplant(wide, newest))
          .isInstanceOf(BadSnapshotException.class)
          .hasMessageContaining("sluice.features.width")
          .hasMessageContaining("without --model-only");
    }
    Snapshot nativeFormat =
        take("native", CheckpointProperties.forSavepoint(false, SavepointFormatType.NATIVE));
    assertThatThrownBy(() -> new ModelTransplant(nativeFormat, newest))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("--type canonical");
    Snapshot drained = take("drained", stopped(true));
    assertThatThrownBy(() -> new ModelTransplant(older, drained))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("drained");
    assertThatThrownBy(() -> new ModelTransplant(older, newest).write(newest.uri()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is there already");
  }

  @Test
  void unknownStateIsRefusedByATransplant() throws Exception {
    Snapshot older = older(false, false);
    Snapshot newest = newest(false, false);
    for (OperatorStateHandle lists :
        newest.learnAndPredict().getState(0).getManagedOperatorState()) {
      lists
          .getStateNameToPartitionOffsets()
          .put(
              "unheard-of",
              new OperatorStateHandle.StateMetaInfo(new long[0], OperatorStateHandle.Mode.UNION));
    }
    assertThatThrownBy(() -> new ModelTransplant(older, newest))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining("holds the state (unheard-of)")
        .hasMessageContaining("use the tool of the job's own release");
  }

  @Test
  void aSnapshotThatKeepsCommandsApartFromItsModelsIsRefused() throws Exception {
    Snapshot settled = newest(false, false);
    Snapshot replaying = older(false, false);
    replaying
        .learnAndPredict()
        .getState(0)
        .getManagedOperatorState()
        .iterator()
        .next()
        .getStateNameToPartitionOffsets()
        .put(
            Uids.CONTROL_SINCE_STATE,
            new OperatorStateHandle.StateMetaInfo(new long[] {0}, OperatorStateHandle.Mode.UNION));
    String why =
        replaying.uri() + " was taken while control commands were replayed: stop the job again";
    assertThatThrownBy(() -> new ModelTransplant(replaying, settled))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining(why);
    assertThatThrownBy(() -> new ModelTransplant(settled, replaying))
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whatCantBeReadLeavesNothingBehind() throws Exception {
    Snapshot older = older(false, false);
    Snapshot newest = newest(false, false);
    Files.delete(Path.of(older.files().get(2).uri().substring("file:".length())));
    Files.delete(Path.of(older.files().get(1).uri().substring("file:".length())));
    assertThatThrownBy(() -> new ModelTransplant(older, newest).write(directory + "/mixed"))
        .hasStackTraceContaining("FileNotFoundException");
    assertThat(directory.resolve("mixed")).doesNotExist();
  }

  /** All but the files' hashes and lengths. */
  private static List<String> said(List<String> text) {
    return text.stream().filter(line -> !line.matches("[0-9a-f]{64} \\d+")).toList();
  }

  private static List<String> hashes(Snapshot snapshot) throws IOException {
    return SnapshotFiles.check(snapshot).files().stream()
        .filter(file -> !file.uri().endsWith("_metadata"))
        .map(Receipt.StoredFile::sha256)
        .sorted()
        .toList();
  }

  private Snapshot older(boolean rocksDb, boolean compressed) throws Exception {
    try (WrittenSnapshot written = written("older", rocksDb, compressed, OLDER_VERSION)) {
      for (int i = 0; i < KEYS; i++) {
        written.key("K" + i, given.learned(1), Map.of("then", given.predict(given.learned(1))));
      }
      written.key("older only", given.learned(2), SavedModelFixtures.early(7));
      return Snapshot.open(written.take(stopped(false)));
    }
  }

  private Snapshot newest(boolean rocksDb, boolean compressed) throws Exception {
    try (WrittenSnapshot written =
        written("newest", rocksDb, compressed, SavedModelFixtures.VERSION)) {
      for (int i = 0; i < KEYS; i++) {
        ModelState model = given.learned(4);
        Map<String, Pending> pending = new HashMap<>(Map.of("now", given.predict(model)));
        if (i % 3 == 0) {
          pending.putAll(SavedModelFixtures.early(i));
        }
        written.key("K" + i, model, pending);
      }
      written.key(
          "newest only", given.learned(3), Map.of("p", given.predict(given.online.newState())));
      return Snapshot.open(written.take(stopped(false)));
    }
  }

  private Snapshot take(String name, CheckpointProperties properties) throws Exception {
    try (WrittenSnapshot written = written(name, false, false, SavedModelFixtures.VERSION)) {
      return Snapshot.open(written.key("LAS", given.learned(1), Map.of()).take(properties));
    }
  }

  private WrittenSnapshot written(String name, boolean rocksDb, boolean compressed, int version)
      throws Exception {
    StateBackend backend = rocksDb ? new EmbeddedRocksDBStateBackend() : new HashMapStateBackend();
    return new WrittenSnapshot(
        Files.createDirectory(directory.resolve(name)),
        backend,
        compressed,
        new WrittenSnapshot.Meaning(
            given.online.description(), WrittenSnapshot.packed(version, given.champion)));
  }

  private static CheckpointProperties stopped(boolean drained) {
    return CheckpointProperties.forSyncSavepoint(false, drained, SavepointFormatType.CANONICAL);
  }

  /** Every entry as it lies in the files: state and key, and its value. */
  private static Map<String, String> entries(Snapshot snapshot) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    new KeyedEntries(snapshot.uri(), snapshot.learnAndPredict())
        .each(
            KeyGroupRange.of(0, snapshot.learnAndPredict().getMaxParallelism() - 1),
            (state, key, value) -> {
              HexFormat hex = HexFormat.of();
              String before = entries.put(state + " " + hex.formatHex(key), hex.formatHex(value));
              assertThat(before).as("an entry that is there twice").isNull();
            });
    return entries;
  }

  private static Map<String, String> only(Map<String, String> entries, boolean models) {
    Map<String, String> only = new TreeMap<>(entries);
    only.keySet().removeIf(entry -> entry.startsWith(Uids.MODEL_STATE + " ") != models);
    return only;
  }

  private static List<String> states(Map<String, String> entries) {
    return entries.keySet().stream()
        .map(entry -> entry.substring(0, entry.indexOf(' ')))
        .distinct()
        .toList();
  }

  private static void delete(Path snapshot) throws IOException {
    try (Stream<Path> files = Files.walk(snapshot)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }
}

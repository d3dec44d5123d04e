package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.state.ModelStateSerializer;
import dev.sluice.support.ModelStates;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.receipt.Receipt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SavedModelsTest {

  private static final int KEYS = 300;

  @TempDir Path directory;

  private final SavedModelFixtures given = new SavedModelFixtures();
  private final Map<String, ModelState> models = new LinkedHashMap<>();

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void totalsAndKeysAreWhatWasPutIn(boolean rocksDb, boolean compressed) throws Exception {
    Snapshot snapshot = Snapshot.open(write(rocksDb, compressed));

    ModelCheck check = snapshot.models().check();
    assertThat(check.problems()).isEmpty();
    Receipt.Models totals = check.totals();
    assertThat(totals.keys()).isEqualTo(KEYS);
    assertThat(totals.bytes())
        .isEqualTo(models.values().stream().mapToLong(m -> bytes(m).length).sum());
    assertThat(totals.predictions()).isEqualTo(sum(model -> model.predictions));
    assertThat(totals.updates()).isEqualTo(sum(model -> model.updates)).isPositive();
    assertThat(totals.refusedUpdates()).isZero();
    assertThat(totals.evaluations()).isEqualTo(sum(model -> model.evaluations));
    assertThat(totals.pendingObservations()).isEqualTo(KEYS / 3);
    assertThat(totals.waitingOutcomes()).isEqualTo(KEYS / 5 + 1);
    assertThat(check.held().size()).isEqualTo(KEYS / 5 + 1);
    assertThat(check.held().contains(new Origin("sluice.events", 2, 10))).isTrue();
    assertThat(check.held().contains(new Origin("sluice.events", 2, 11))).isFalse();

    Map<String, ModelState> found = new HashMap<>();
    snapshot
        .models()
        .eachKey(
            key -> {
              if (key.model() == null) {
                assertThat(key.key()).isEqualTo("waits only");
                assertThat(key.waitingOutcomes()).isOne();
              } else {
                found.put(key.key(), key.model());
              }
            });
    assertThat(found.keySet()).isEqualTo(models.keySet());
    models.forEach((key, model) -> assertThat(bytes(found.get(key))).isEqualTo(bytes(model)));
  }

  @Test
  void oneKeyIsFoundWithAllThatBelongsToIt() throws Exception {
    SavedModels saved = Snapshot.open(write(false, false)).models();

    SavedKey key = saved.key("K15").orElseThrow();
    assertThat(bytes(key.model())).isEqualTo(bytes(models.get("K15")));
    assertThat(key.pendingObservations()).isOne();
    assertThat(key.waitingOutcomes()).isOne();
    assertThat(key.bytes()).isGreaterThan(bytes(models.get("K15")).length);
    assertThat(saved.key("K1").orElseThrow().pendingObservations()).isZero();
    assertThat(saved.key("never seen")).isEmpty();
  }

  @Test
  void aNumberThatIsNoneIsNamedWithItsKeyAndPlace() throws Exception {
    ModelState weights = given.learned(2);
    ModelStates.change(weights, 0, all -> all.weights()[1][0] = Double.NaN);
    ModelState accumulators = given.learned(2);
    ModelStates.change(
        accumulators, 0, all -> all.accumulators()[0][0][0] = Double.NEGATIVE_INFINITY);
    ModelState learned = given.learned(2);
    ModelState scaler =
        new ModelState(
            learned.start,
            learned.columns,
            learned.learned,
            new ScalerState(new int[] {4}, new long[] {2}, new double[1], new double[] {-1}),
            learned.target,
            learned.mixture,
            learned.best);
    ModelState mixture = given.learned(2);
    mixture.mixture.weights[0][1] = -1;
    ModelState target = given.learned(2);
    target.target.variance = Double.NaN;
    ModelState losses = given.learned(2);
    losses.challengerLossSum = Double.NaN;
    ModelState counters = given.learned(2);
    counters.updates = 5;
    ModelState squares = given.learned(2);
    ModelStates.change(squares, 0, all -> all.accumulators()[0][0][0] = -2);
    assertThat(
            problems(
                Map.of(
                    "H",
                    squares,
                    "A",
                    weights,
                    "B",
                    accumulators,
                    "C",
                    scaler,
                    "D",
                    losses,
                    "E",
                    counters,
                    "F",
                    mixture,
                    "G",
                    target)))
        .containsExactlyInAnyOrder(
            "key (A): challengers[0].weights[1][0] is NaN",
            "key (B): challengers[0].accumulators[0][0][0] is -Infinity",
            "key (H): challengers[0].accumulators[0], which are sums of squares, have the value -2.0",
            "key (C): the scaler's m2 of column 4 is -1.0",
            "key (F): the mixture's weights[0] hold -1.0",
            "key (G): the target's scale has the count 0, the mean 0.0 and the variance NaN",
            "key (D): the sums of losses are %s (champion) and NaN (challenger)"
                .formatted(losses.championLossSum),
            "key (E): 5 updates and 0 refused are more than its 2 evaluations");
  }

  @Test
  void aShapeThatTheDescriptionDoesNotSayIsNamed() throws Exception {
    ModelState narrow =
        ModelStates.dense(
            new double[3][5], new double[1][3][5], new ScalerState(), ServedBy.CHALLENGER);
    ModelState slotless =
        ModelStates.dense(
            new double[2][5], new double[0][][], new ScalerState(), ServedBy.CHALLENGER);
    ModelState wide = given.learned(1);
    wide.columns[wide.columns.length - 1] = 1 << 20;
    assertThat(problems(Map.of("narrow", narrow, "slotless", slotless, "wide", wide)))
        .containsExactlyInAnyOrder(
            "key (narrow): the weights have 3 rows in place of 2",
            "key (slotless): the optimiser's memory has 0 arrays in place of 1",
            "key (wide): column (1048576) has weights, of %s columns"
                .formatted(SavedModelFixtures.columns(given)));
  }

  @Test
  void aWaitingPredictionIsJudgedToo() throws Exception {
    Pending.Predicted sound = given.predict(given.online.newState());
    Pending.Predicted broken =
        ModelStates.earlier(
            1,
            2,
            new SparseFeatures(new int[] {3}, new double[] {Double.NaN}),
            null,
            sound.challengerOutputs(),
            ServedBy.CHALLENGER,
            0,
            null);
    Pending.Predicted beyond =
        ModelStates.earlier(
            1,
            2,
            new SparseFeatures(new int[] {3, 99_999}, new double[] {1, 1}),
            null,
            sound.challengerOutputs(),
            ServedBy.CHALLENGER,
            0,
            null);
    try (WrittenSnapshot written = written(new HashMapStateBackend(), false)) {
      written.key("LAS", given.learned(1), Map.of("f-9", broken, "f-8", sound, "f-7", beyond));
      assertThat(Snapshot.open(written.take(stopped())).models().check().problems())
          .containsExactlyInAnyOrder(
              "key (LAS): the prediction with id (f-9) that waits for its outcome: features[0] is NaN",
              ("key (LAS): the prediction with id (f-7) that waits for its outcome: column (99999) follows (3), of "
                      + "%s columns")
                  .formatted(SavedModelFixtures.columns(given)));
    }
  }

  @Test
  void twentyProblemsAreToldAndTheRestCounted() throws Exception {
    Map<String, ModelState> broken = new HashMap<>();
    for (int i = 0; i < 25; i++) {
      ModelState model = given.learned(1);
      model.lossWeight = -1;
      broken.put("K" + i, model);
    }
    assertThat(problems(broken)).hasSize(21).last().isEqualTo("and 5 more problems");
  }

  private List<String> problems(Map<String, ModelState> states) throws Exception {
    try (WrittenSnapshot written = written(new HashMapStateBackend(), false)) {
      for (Map.Entry<String, ModelState> state : states.entrySet()) {
        written.key(state.getKey(), state.getValue(), Map.of());
      }
      return Snapshot.open(written.take(stopped())).models().check().problems();
    }
  }

  /** Every third key has a prediction that waits, every fifth an outcome, and one has only that. */
  private String write(boolean rocksDb, boolean compressed) throws Exception {
    StateBackend backend = rocksDb ? new EmbeddedRocksDBStateBackend() : new HashMapStateBackend();
    try (WrittenSnapshot written = written(backend, compressed)) {
      for (int i = 0; i < KEYS; i++) {
        ModelState model = given.learned(i % 4);
        Map<String, Pending> pending = new HashMap<>();
        if (i % 3 == 0) {
          pending.put("p-" + i, given.predict(model));
        }
        if (i % 5 == 0) {
          pending.putAll(SavedModelFixtures.early(i));
        }
        models.put("K" + i, model);
        written.key("K" + i, model, pending);
      }
      written.key("waits only", null, SavedModelFixtures.early(KEYS));
      return written.take(stopped());
    }
  }

  private WrittenSnapshot written(StateBackend backend, boolean compressed) throws Exception {
    return new WrittenSnapshot(directory, backend, compressed, given.meaning());
  }

  private static CheckpointProperties stopped() {
    return CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.CANONICAL);
  }

  private long sum(ToLongFunction<ModelState> counter) {
    return models.values().stream().mapToLong(counter).sum();
  }

  private static byte[] bytes(@Nullable ModelState model) {
    try {
      DataOutputSerializer out = new DataOutputSerializer(1024);
      new ModelStateSerializer().serialize(Objects.requireNonNull(model), out);
      return out.getCopyOfBuffer();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

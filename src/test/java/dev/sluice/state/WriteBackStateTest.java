package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.ModelState;
import dev.sluice.support.ModelStates;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteBackStateTest {

  private static final int SEEDS = 200;
  private static final int STEPS = 400;
  private static final int KEYS = 12;
  private static final int LARGEST_COLUMNS = 200;

  private static final long LARGEST = model(LARGEST_COLUMNS).bytes();

  private final ModelStateSerializer serializer = new ModelStateSerializer();

  /** The oracle: what a state without a cache would hold, serialised. */
  private final Map<String, byte[]> expected = new HashMap<>();

  private @Nullable String currentKey;
  private Backend backend = new Backend();

  /**
   * @param keys the limit
   * @param bytes the limit: less than any model, a few models, more than all
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 1000000", "12, 1", "12, 9000", "5, 30000", "12, 1000000"})
  void randomModelsStayWithinBothLimitsAndAreNeverLost(int keys, long bytes) throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      currentKey = null;
      expected.clear();
      backend = new Backend();
      WriteBackState<String, ModelState> cache = cache(keys, bytes);
      for (int step = 0; step < STEPS; step++) {
        String key = "k" + random.nextInt(KEYS);
        currentKey = key;
        step(cache, key, random);
        assertThat(currentKey).as("the operator's key, seed %s step %s", seed, step).isEqualTo(key);
        assertThat(cache.cachedBytes())
            .as("cached bytes, seed %s step %s", seed, step)
            .isLessThanOrEqualTo(cache.cachedKeys() == 1 ? LARGEST : bytes);
        assertThat(cache.cachedKeys()).isLessThanOrEqualTo(keys);
      }
      cache.flush();
      assertThat(backend.serialised()).as("the backend, seed %s", seed).isEqualTo(hex(expected));
    }
  }

  private void step(WriteBackState<String, ModelState> cache, String key, Random random)
      throws IOException {
    int what = random.nextInt(100);
    if (what < 3) {
      cache.clear();
      expected.remove(key);
    } else if (what < 5) {
      cache.flush();
    } else {
      ModelState model = cache.value();
      assertThat(model == null ? null : bytes(model)).isEqualTo(expected.get(key));
      if (model == null || what < 25) { // a champion of another domain, a reset: another size
        model = model(1 + random.nextInt(LARGEST_COLUMNS));
      }
      model.predictions++;
      cache.update(model);
      expected.put(key, bytes(model));
    }
  }

  @Test
  void aModelLongerThanTheLimitIsHeldAloneAndCountedWhole() throws Exception {
    WriteBackState<String, ModelState> cache = cache(10, 100);
    currentKey = "small";
    cache.update(model(1));
    currentKey = "large";
    cache.update(model(1000));

    assertThat(cache.cachedKeys()).isEqualTo(1);
    assertThat(cache.cachedBytes()).isEqualTo(model(1000).bytes()).isGreaterThan(100);
    assertThat(backend.values).containsOnlyKeys("small");
  }

  @Test
  void withinTheLimitsNothingReachesTheBackendBeforeTheFlush() throws Exception {
    WriteBackState<String, ModelState> cache = cache(KEYS, KEYS * model(9).bytes());
    for (int i = 0; i < KEYS; i++) {
      currentKey = "k" + i;
      cache.update(model(9));
    }
    assertThat(backend.values).isEmpty();

    cache.flush();
    assertThat(backend.values).hasSize(KEYS);
    cache.flush();
    assertThat(backend.writes).as("what is unchanged is not written again").isEqualTo(KEYS);
  }

  @Test
  void aCacheOfNothingIsRefused() {
    assertThatThrownBy(() -> new WriteBackState.Limit(0, 1)).hasMessageContaining("at least 1 key");
    assertThatThrownBy(() -> new WriteBackState.Limit(1, 0)).hasMessageContaining("1 byte");
  }

  /** Heap figures are estimates; the arrays, nearly all of it, are counted to the byte. */
  @Test
  void aModelKnowsItsSize() {
    long arrays = 8L * 2 * 129 * 2;
    assertThat(model(2, 129, 1).bytes()).isBetween(arrays, arrays + 2048);
    assertThat(serializer.createInstance().bytes()).isPositive();
  }

  private WriteBackState<String, ModelState> cache(int keys, long bytes) {
    return new WriteBackState<>(
        backend,
        serializer,
        new WriteBackState.Limit(keys, bytes),
        ModelState::bytes,
        () -> currentKey,
        key -> currentKey = key);
  }

  private static ModelState model(int columns) {
    return model(2, columns, 1);
  }

  private static ModelState model(int outputs, int columns, int slots) {
    return ModelStates.dense(
        new double[outputs][columns],
        new double[slots][outputs][columns],
        new ScalerState(),
        ServedBy.CHALLENGER);
  }

  private byte[] bytes(ModelState model) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    serializer.serialize(model, out);
    return out.getCopyOfBuffer();
  }

  private static Map<String, String> hex(Map<String, byte[]> values) {
    Map<String, String> hex = new HashMap<>();
    values.forEach((key, value) -> hex.put(key, HexFormat.of().formatHex(value)));
    return hex;
  }

  /** Keyed by the operator's current key, as Flink's backends are. */
  private final class Backend implements ValueState<ModelState> {

    private final Map<String, ModelState> values = new HashMap<>();
    private int writes;

    @Override
    public @Nullable ModelState value() {
      return values.get(currentKey);
    }

    @Override
    public void update(ModelState value) {
      values.put(currentKey, value);
      writes++;
    }

    @Override
    public void clear() {
      values.remove(currentKey);
    }

    Map<String, String> serialised() throws IOException {
      Map<String, byte[]> all = new HashMap<>();
      for (Map.Entry<String, ModelState> entry : values.entrySet()) {
        all.put(entry.getKey(), bytes(entry.getValue()));
      }
      return hex(all);
    }
  }
}

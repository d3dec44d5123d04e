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
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyCacheTest {

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
  private UnaryOperator<ModelState> copy = serializer::copy;

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
      KeyCache<String, Kept> cache = cache(keys, bytes);
      for (int step = 0; step < STEPS; step++) {
        String key = "k" + random.nextInt(KEYS);
        currentKey = key;
        step(cache, key, random);
        assertThat(currentKey).as("the operator's key, seed %s step %s", seed, step).isEqualTo(key);
        assertThat(cache.cachedBytes())
            .as("cached bytes, seed %s step %s", seed, step)
            .isLessThanOrEqualTo(cache.cachedKeys() == 1 ? LARGEST : bytes + LARGEST);
        assertThat(cache.cachedKeys()).isLessThanOrEqualTo(keys);
      }
      cache.flush();
      assertThat(backend.serialised()).as("the backend, seed %s", seed).isEqualTo(hex(expected));
    }
  }

  private void step(KeyCache<String, Kept> cache, String key, Random random) throws IOException {
    int what = random.nextInt(100);
    CachedValue<ModelState> kept = cache.current().model;
    if (what < 3) {
      kept.clear();
      expected.remove(key);
    } else if (what < 5) {
      cache.flush();
    } else {
      ModelState model = kept.get();
      assertThat(model == null ? null : bytes(model)).isEqualTo(expected.get(key));
      if (model == null || what < 25) { // a champion of another domain, a reset: another size
        model = model(1 + random.nextInt(LARGEST_COLUMNS));
      }
      model.predictions++;
      kept.set(model);
      expected.put(key, bytes(model));
    }
  }

  @Test
  void aKeyLargerThanTheLimitIsHeldAloneAndCountedWhole() throws Exception {
    KeyCache<String, Kept> cache = cache(10, 100);
    use(cache, "small").set(model(1));
    use(cache, "large").set(model(1000));
    use(cache, "large");

    assertThat(cache.cachedKeys()).isEqualTo(1);
    assertThat(cache.cachedBytes()).isEqualTo(model(1000).bytes()).isGreaterThan(100);
    assertThat(backend.values).containsOnlyKeys("small");
  }

  @Test
  void withinTheLimitsNothingReachesTheBackendBeforeTheFlush() throws Exception {
    KeyCache<String, Kept> cache = cache(KEYS, KEYS * model(9).bytes());
    for (int i = 0; i < KEYS; i++) {
      use(cache, "k" + i).set(model(9));
    }
    assertThat(backend.values).isEmpty();

    cache.flush();
    assertThat(backend.values).hasSize(KEYS);
    cache.flush();
    assertThat(backend.writes).as("what is unchanged is not written again").isEqualTo(KEYS);
  }

  @Test
  void keysThatComeOnceDisplaceNoRegulars() throws Exception {
    KeyCache<String, Kept> cache = cache(10, Long.MAX_VALUE);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 8; i++) {
        use(cache, "regular-" + i).get();
      }
    }
    for (int i = 0; i < 60; i++) {
      use(cache, "once-" + i).get();
    }
    int before = backend.reads;
    for (int i = 0; i < 8; i++) {
      use(cache, "regular-" + i).get();
    }
    assertThat(backend.reads).isEqualTo(before);
  }

  @Test
  void regularsThatComeNoMoreMakeRoom() throws Exception {
    KeyCache<String, Kept> cache = cache(10, Long.MAX_VALUE);
    for (int i = 0; i < 100; i++) {
      use(cache, "former-" + i % 10).get();
    }
    for (int i = 0; i < 400; i++) {
      use(cache, "new-" + i % 8).get();
    }
    int before = backend.reads;
    for (int i = 0; i < 8; i++) {
      use(cache, "new-" + i).get();
    }
    assertThat(backend.reads).isEqualTo(before);
  }

  @Test
  void whatIsSpareTakesHalfOfTheBytesAtMost() throws Exception {
    KeyCache<String, Kept> cache = cache(100, 10_000);
    for (int i = 0; i < 20; i++) {
      currentKey = "k" + i;
      cache.current().spare = 1_000;
    }
    use(cache, "k19");
    assertThat(cache.cachedKeys()).as("no key had to go").isEqualTo(20);
    assertThat(cache.cachedBytes()).isEqualTo(5_000);
    currentKey = "k0";
    assertThat(cache.current().spare).as("it came first").isZero();
  }

  /** A key that is the same object each time, as an interned string is. */
  @Test
  void aSingleKeyIsCountedAgain() throws Exception {
    KeyCache<String, Kept> cache = cache(100, 10_000);
    currentKey = "LAS";
    for (int i = 0; i < 1_000; i++) {
      cache.current().spare += 100;
    }
    assertThat(cache.current().spare).isLessThan(20_000);
  }

  @Test
  void aBackendThatKeepsReferencesGetsCopies() throws Exception {
    KeyCache<String, Kept> cache = cache(2, Long.MAX_VALUE);
    ModelState model = model(9);
    use(cache, "LAS").set(model);
    cache.flush();
    assertThat(backend.values.get("LAS")).isNotSameAs(model);

    copy = UnaryOperator.identity();
    cache = cache(2, Long.MAX_VALUE);
    use(cache, "LAS").set(model);
    cache.flush();
    assertThat(backend.values.get("LAS")).as("as with RocksDB").isSameAs(model);
  }

  private CachedValue<ModelState> use(KeyCache<String, Kept> cache, String key) throws IOException {
    currentKey = new String(key.toCharArray()); // another object for each event
    return cache.current().model;
  }

  @Test
  void aCacheOfNothingIsRefused() {
    assertThatThrownBy(() -> new KeyCache.Limit(0, 1)).hasMessageContaining("at least 1 key");
    assertThatThrownBy(() -> new KeyCache.Limit(1, 0)).hasMessageContaining("1 byte");
  }

  /** Heap figures are estimates; the arrays, nearly all of it, are counted to the byte. */
  @Test
  void aModelKnowsItsSize() {
    long arrays = 8L * 2 * 129 * 2;
    assertThat(model(2, 129, 1).bytes()).isBetween(arrays, arrays + 2048);
    assertThat(serializer.createInstance().bytes()).isPositive();
  }

  private KeyCache<String, Kept> cache(int keys, long bytes) {
    return new KeyCache<>(
        new KeyCache.Limit(keys, bytes),
        key -> new Kept(key, new CachedValue<>(backend, copy)),
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

  /** A model, and bytes that can be dropped. */
  private static final class Kept extends KeyCache.Entry<String> {

    private final CachedValue<ModelState> model;
    private long spare;

    Kept(String key, CachedValue<ModelState> model) {
      super(key);
      this.model = model;
    }

    @Override
    protected long bytes() {
      ModelState inMemory = model.inMemory();
      return spare + (inMemory == null ? 0 : inMemory.bytes());
    }

    @Override
    protected long spareBytes() {
      return spare;
    }

    @Override
    protected boolean isDirty() {
      return model.isDirty();
    }

    @Override
    protected void writeBack() throws IOException {
      model.writeBack();
    }

    @Override
    protected void dropSpare() {
      spare = 0;
    }
  }

  /** Keyed by the operator's current key, as Flink's backends are. */
  private final class Backend implements ValueState<ModelState> {

    private final Map<String, ModelState> values = new HashMap<>();
    private int writes;
    private int reads;

    @Override
    public @Nullable ModelState value() {
      reads++;
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

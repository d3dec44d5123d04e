package dev.sluice.job;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.state.CachedValue;
import dev.sluice.state.KeyCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.jspecify.annotations.Nullable;

/** The cache before the models and the pending halves: one entry a key for both. */
final class CachedKeys {

  /** The part of the cache that the ids of a single key's halves may take. */
  private static final int IDS_PART = 8;

  private final KeyCache<String, CachedKey> cache;

  /**
   * Nothing cached yet.
   *
   * @param copy of a model; the model itself if the backend keeps no references
   * @param currentKey the operator's current key
   * @param setCurrentKey changes it
   */
  CachedKeys(
      KeyCache.Limit limit,
      ValueState<ModelState> models,
      MapState<String, Pending> pending,
      UnaryOperator<ModelState> copy,
      Supplier<String> currentKey,
      Consumer<String> setCurrentKey) {
    cache =
        new KeyCache<>(
            limit,
            key ->
                new CachedKey(
                    key,
                    new CachedValue<>(models, copy),
                    new KeyHalves(pending, limit.bytes() / IDS_PART)),
            currentKey,
            setCurrentKey);
  }

  /** The models, as a state. */
  ValueState<ModelState> models() {
    return new Models();
  }

  /** The current key's pending halves. */
  KeyHalves halves() throws IOException {
    return cache.current().halves();
  }

  /** Writes everything back; must be called before each snapshot. */
  void flush() throws IOException {
    cache.flush();
  }

  private final class Models implements ValueState<ModelState> {

    @Override
    public @Nullable ModelState value() throws IOException {
      return cache.current().model().get();
    }

    @Override
    public void update(ModelState model) throws IOException {
      cache.current().model().set(model);
    }

    @Override
    public void clear() {
      try {
        cache.current().model().clear();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

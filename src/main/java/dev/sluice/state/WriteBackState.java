package dev.sluice.state;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A keyed value state behind a bounded cache of the keys used last, so that a hot key costs no
 * RocksDB access per event. Written back on eviction and, all of it, on {@link #flush()}.
 *
 * <p>Safety: whoever owns the state must flush before every snapshot, in {@code
 * prepareSnapshotPreBarrier}, which runs on the task's thread between two events. What lies in the
 * backend after that is what an uncached state would hold, so snapshots, rescaling and recovery do
 * not know of the cache; a crash loses it together with everything else since the last snapshot.
 * Values are mutable and a heap backend keeps references, which it reads from another thread while
 * it snapshots: therefore the backend always gets a copy, never the cached object.
 *
 * <p>The same mechanism as Flink SQL's mini-batch bundles. Used by the task's thread only.
 *
 * @param <K> the key
 * @param <V> the value
 */
public final class WriteBackState<K, V> implements ValueState<V> {

  private final ValueState<V> backend;
  private final TypeSerializer<V> serializer;
  private final int capacity;
  private final Supplier<K> currentKey;
  private final Consumer<K> setCurrentKey;

  /** Least recently used first. */
  private final LinkedHashMap<K, Entry<V>> cache = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Puts a cache before a state.
   *
   * @param backend the keyed state, addressed by the operator's current key
   * @param serializer copies values
   * @param capacity keys; at least 1
   * @param currentKey the operator's current key
   * @param setCurrentKey changes it
   */
  public WriteBackState(
      ValueState<V> backend,
      TypeSerializer<V> serializer,
      int capacity,
      Supplier<K> currentKey,
      Consumer<K> setCurrentKey) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity (%s) must be at least 1".formatted(capacity));
    }
    this.backend = backend;
    this.serializer = serializer;
    this.capacity = capacity;
    this.currentKey = currentKey;
    this.setCurrentKey = setCurrentKey;
  }

  @Override
  public @Nullable V value() throws IOException {
    K key = currentKey.get();
    Entry<V> entry = cache.get(key);
    if (entry == null) {
      V stored = backend.value();
      if (stored == null) {
        return null;
      }
      entry = new Entry<>(serializer.copy(stored));
      cache.put(key, entry);
      evict();
    }
    return entry.value;
  }

  @Override
  public void update(V value) throws IOException {
    K key = currentKey.get();
    Entry<V> entry = cache.get(key);
    if (entry == null) {
      entry = new Entry<>(value);
      cache.put(key, entry);
      evict();
    }
    entry.value = value;
    entry.dirty = true;
  }

  @Override
  public void clear() {
    cache.remove(currentKey.get());
    backend.clear();
  }

  /** Writes every changed value back; the operator's current key is left as it was. */
  public void flush() throws IOException {
    K before = currentKey.get();
    for (Map.Entry<K, Entry<V>> cached : cache.entrySet()) {
      writeBack(cached.getKey(), cached.getValue());
    }
    if (before != null) {
      setCurrentKey.accept(before);
    }
  }

  private void evict() throws IOException {
    if (cache.size() > capacity) {
      K before = currentKey.get();
      Map.Entry<K, Entry<V>> eldest = cache.entrySet().iterator().next();
      writeBack(eldest.getKey(), eldest.getValue());
      cache.remove(eldest.getKey());
      setCurrentKey.accept(before);
    }
  }

  private void writeBack(K key, Entry<V> entry) throws IOException {
    if (entry.dirty) {
      setCurrentKey.accept(key);
      backend.update(serializer.copy(entry.value));
      entry.dirty = false;
    }
  }

  private static final class Entry<V> {
    private V value;
    private boolean dirty;

    Entry(V value) {
      this.value = value;
    }
  }
}

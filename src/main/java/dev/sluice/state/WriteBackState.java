package dev.sluice.state;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A keyed value state behind a cache of the keys used last, so that a hot key costs no RocksDB
 * access per event. Written back on eviction and, all of it, on {@link #flush()}.
 *
 * <p>Bounded by keys and by bytes, because all tasks of a TaskManager share the heap, and a model's
 * size depends on the settings and the champion. The value of the current key stays in any case:
 * the task holds it already. A value's size is asked when it comes in, by {@link #value()} or
 * {@link #update}, and must not change between two updates.
 *
 * <p>Safety: the owner of the state must flush before every snapshot, in {@code
 * prepareSnapshotPreBarrier}, which runs on the task's thread between two events. The backend then
 * holds what an uncached state would hold, so snapshots, rescaling and recovery do not know of the
 * cache; a crash loses it together with everything else since the last snapshot. Values are mutable
 * and a heap backend keeps references, which it reads from another thread while it snapshots:
 * therefore the backend always gets a copy, never the cached object.
 *
 * <p>The same mechanism as Flink SQL's mini-batch bundles. Used by the task's thread only.
 *
 * @param <K> the key
 * @param <V> the value
 */
public final class WriteBackState<K, V> implements ValueState<V> {

  private final ValueState<V> backend;
  private final TypeSerializer<V> serializer;
  private final Limit limit;
  private final ToLongFunction<V> sizeOf;
  private final Supplier<K> currentKey;
  private final Consumer<K> setCurrentKey;

  /** Least recently used first. */
  private final LinkedHashMap<K, Entry<V>> cache = new LinkedHashMap<>(16, 0.75f, true);

  /** The sum of the entries' sizes. */
  private long bytes;

  /**
   * How much is cached at most.
   *
   * @param keys at least 1
   * @param bytes of all values together, at least 1; a single value may be longer
   */
  public record Limit(int keys, long bytes) implements Serializable {

    /** Checks the bounds. */
    public Limit {
      if (keys < 1 || bytes < 1) {
        throw new IllegalArgumentException(
            "a cache holds at least 1 key and 1 byte, not (%s) and (%s)".formatted(keys, bytes));
      }
    }
  }

  /**
   * Puts a cache before a state.
   *
   * @param backend the keyed state, addressed by the operator's current key
   * @param serializer copies values
   * @param limit how much is kept
   * @param sizeOf a value's bytes in memory, without walking through it: asked at every update
   * @param currentKey the operator's current key
   * @param setCurrentKey changes it
   */
  public WriteBackState(
      ValueState<V> backend,
      TypeSerializer<V> serializer,
      Limit limit,
      ToLongFunction<V> sizeOf,
      Supplier<K> currentKey,
      Consumer<K> setCurrentKey) {
    this.backend = backend;
    this.serializer = serializer;
    this.limit = limit;
    this.sizeOf = sizeOf;
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
      resized(entry);
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
    }
    entry.value = value;
    entry.dirty = true;
    resized(entry);
  }

  @Override
  public void clear() {
    Entry<V> removed = cache.remove(currentKey.get());
    if (removed != null) {
      bytes -= removed.bytes;
    }
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

  int cachedKeys() {
    return cache.size();
  }

  /** Bytes of the cached values. */
  long cachedBytes() {
    return bytes;
  }

  private void resized(Entry<V> entry) throws IOException {
    long size = sizeOf.applyAsLong(entry.value);
    bytes += size - entry.bytes;
    entry.bytes = size;
    if (cache.size() > limit.keys || bytes > limit.bytes) {
      evict();
    }
  }

  /** Never the current key's value, which is the one used last. */
  private void evict() throws IOException {
    K before = currentKey.get();
    Iterator<Map.Entry<K, Entry<V>>> eldest = cache.entrySet().iterator();
    while (cache.size() > 1 && (cache.size() > limit.keys || bytes > limit.bytes)) {
      Map.Entry<K, Entry<V>> evicted = eldest.next();
      writeBack(evicted.getKey(), evicted.getValue());
      bytes -= evicted.getValue().bytes;
      eldest.remove();
    }
    setCurrentKey.accept(before);
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
    private long bytes;

    Entry(V value) {
      this.value = value;
    }
  }
}

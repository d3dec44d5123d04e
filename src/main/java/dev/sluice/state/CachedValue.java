package dev.sluice.state;

import java.io.IOException;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.state.ValueState;
import org.jspecify.annotations.Nullable;

/**
 * One key's value of a keyed state, in memory from its first use on.
 *
 * <p>Values are mutable, and a heap backend keeps references, which it reads from another thread
 * while it snapshots: such a backend must get a copy, never the cached object. RocksDB serialises
 * what it gets at once, and no one else holds what it gives; it needs no copies.
 *
 * @param <V> the value
 */
public final class CachedValue<V> {

  private final ValueState<V> backend;
  private final UnaryOperator<V> copy;

  private boolean loaded;
  private boolean dirty;
  private @Nullable V value;

  /**
   * Not read yet.
   *
   * @param backend addressed by the operator's current key
   * @param copy of a value; the value itself if the backend keeps no references
   */
  public CachedValue(ValueState<V> backend, UnaryOperator<V> copy) {
    this.backend = backend;
    this.copy = copy;
  }

  /** The value, null for none; not a copy. */
  public @Nullable V get() throws IOException {
    if (!loaded) {
      V stored = backend.value();
      value = stored == null ? null : copy.apply(stored);
      loaded = true;
    }
    return value;
  }

  /** Sets it. */
  public void set(V updated) {
    value = updated;
    loaded = true;
    dirty = true;
  }

  /** Deletes it, in the backend too. */
  public void clear() {
    value = null;
    loaded = true;
    dirty = false;
    backend.clear();
  }

  /** What is in memory, null for nothing. */
  public @Nullable V inMemory() {
    return value;
  }

  /** Whether the backend holds another value. */
  public boolean isDirty() {
    return dirty;
  }

  /** Writes it if it has changed. */
  public void writeBack() throws IOException {
    if (dirty && value != null) {
      backend.update(copy.apply(value));
      dirty = false;
    }
  }
}

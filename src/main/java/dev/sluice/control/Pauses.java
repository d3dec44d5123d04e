package dev.sluice.control;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whose part is paused: every key's, or those of keys that were named. The two are apart: a key
 * that was paused by name stays so only until it, or every key, is resumed.
 */
public final class Pauses {

  /** Named keys at most, so that what every task keeps stays bounded. */
  static final int MAX_KEYS = 100_000;

  private boolean everyKey;
  private final TreeSet<String> keys = new TreeSet<>();

  /** Nothing is paused. */
  public Pauses() {}

  /**
   * As they were stored.
   *
   * @param everyKey whether every key is paused
   * @param keys those that are paused by name; copied
   */
  public Pauses(boolean everyKey, Iterable<String> keys) {
    this.everyKey = everyKey;
    keys.forEach(this.keys::add);
  }

  /** Whether this key is paused, by name or with every key. */
  public boolean holds(String key) {
    return everyKey || (!keys.isEmpty() && keys.contains(key));
  }

  public boolean everyKey() {
    return everyKey;
  }

  /** The keys that are paused by name. */
  public SortedSet<String> keys() {
    return Collections.unmodifiableSortedSet(keys);
  }

  /** Why one more can't be named, null if it can. */
  @Nullable String refusal(@Nullable String key) {
    return key == null || keys.contains(key) || keys.size() < MAX_KEYS
        ? null
        : "%s keys are paused by name, which is the limit; pause every key instead"
            .formatted(MAX_KEYS);
  }

  void pause(@Nullable String key) {
    if (key == null) {
      everyKey = true;
    } else {
      keys.add(key);
    }
  }

  void resume(@Nullable String key) {
    if (key == null) {
      everyKey = false;
      keys.clear();
    } else {
      keys.remove(key);
    }
  }

  Pauses copy() {
    return new Pauses(everyKey, keys);
  }
}

package dev.sluice.job;

import dev.sluice.settings.JobSettings;
import dev.sluice.state.KeyCache;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How much a task caches where the settings leave it open: a quarter of a slot's share of the heap,
 * because the tasks of a TaskManager share it. The rest is for the champion, for Kafka's clients,
 * and for what an event leaves behind until it is collected. A backend that keeps everything on the
 * heap gets a small cache: there it saves no more than copies.
 */
final class CacheLimit {

  private static final int SHARE = 4;

  /** As little as the setting may say. */
  private static final long LEAST_BYTES = 1 << 20;

  /** Enough for the keys that come most, where all others are on the heap, too. */
  private static final long MOST_BYTES_ON_HEAP = 32 << 20;

  private CacheLimit() {}

  /**
   * For a task of the TaskManager that this runs in.
   *
   * @param onHeap whether the backend keeps its values on the heap
   */
  static KeyCache.Limit here(JobSettings.Cache cache, ReadableConfig taskManager, boolean onHeap) {
    ModelLimit process = ModelLimit.here(taskManager);
    return of(cache, process.heap(), process.slots(), onHeap);
  }

  /**
   * For a task of any TaskManager.
   *
   * @param heap its bytes
   * @param slots tasks that share them
   * @param onHeap whether the backend keeps its values on the heap
   */
  static KeyCache.Limit of(JobSettings.Cache cache, long heap, int slots, boolean onHeap) {
    Integer keys = cache.keys();
    Long bytes = cache.bytes();
    long share = Math.max(LEAST_BYTES, heap / slots / SHARE);
    long open = onHeap ? Math.min(MOST_BYTES_ON_HEAP, share) : share;
    return new KeyCache.Limit(
        keys == null ? Integer.MAX_VALUE : keys, bytes == null ? open : bytes);
  }
}

package dev.sluice.job;

import dev.sluice.settings.JobSettings;
import dev.sluice.state.KeyCache;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How much a task caches where the settings leave it open: a quarter of a slot's share of the heap,
 * because the tasks of a TaskManager share it. The rest is for the champion, for Kafka's clients,
 * and for what an event leaves behind until it is collected.
 */
final class CacheLimit {

  private static final int SHARE = 4;

  /** As little as the setting may say. */
  private static final long LEAST_BYTES = 1 << 20;

  private CacheLimit() {}

  /** For a task of the TaskManager that this runs in. */
  static KeyCache.Limit here(JobSettings.Cache cache, ReadableConfig taskManager) {
    ModelLimit process = ModelLimit.here(taskManager);
    return of(cache, process.heap(), process.slots());
  }

  /**
   * For a task of any TaskManager.
   *
   * @param heap its bytes
   * @param slots tasks that share them
   */
  static KeyCache.Limit of(JobSettings.Cache cache, long heap, int slots) {
    Integer keys = cache.keys();
    Long bytes = cache.bytes();
    return new KeyCache.Limit(
        keys == null ? Integer.MAX_VALUE : keys,
        bytes == null ? Math.max(LEAST_BYTES, heap / slots / SHARE) : bytes);
  }
}

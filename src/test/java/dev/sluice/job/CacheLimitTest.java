package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.JobSettings;
import dev.sluice.state.KeyCache;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheLimitTest {

  private static final long MIB = 1 << 20;

  @ParameterizedTest(name = "{0} MiB of heap, {1} slots: {2} MiB")
  @CsvSource({"512, 4, 32", "1024, 1, 256", "16384, 2, 2048", "512, 64, 2", "256, 128, 1"})
  void aQuarterOfASlotsShareOfTheHeapIsCached(long heap, int slots, long expected) {
    KeyCache.Limit limit = CacheLimit.of(cache(Map.of()), heap * MIB, slots, false);
    assertThat(limit.bytes()).isEqualTo(expected * MIB);
    assertThat(limit.keys()).as("any number").isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void aBackendOnTheHeapNeedsNoLargeCache() {
    assertThat(CacheLimit.of(cache(Map.of()), 4096 * MIB, 1, true).bytes()).isEqualTo(32 * MIB);
    assertThat(CacheLimit.of(cache(Map.of()), 256 * MIB, 4, true).bytes()).isEqualTo(16 * MIB);
    Map<String, String> much = Map.of("sluice.state.cache-memory", "1g");
    assertThat(CacheLimit.of(cache(much), 256 * MIB, 4, true).bytes()).isEqualTo(1024 * MIB);
  }

  @Test
  void whatIsSetIsTaken() {
    KeyCache.Limit limit =
        CacheLimit.of(
            cache(Map.of("sluice.state.cache-memory", "3mb", "sluice.state.cached-keys", "7")),
            512 * MIB,
            4,
            false);
    assertThat(limit).isEqualTo(new KeyCache.Limit(7, 3 * MIB));
  }

  @Test
  void theConfigurationThatIsShippedCachesThirtyTwoMebibytes() {
    Configuration shipped =
        Configuration.fromMap(
            Map.of(
                "taskmanager.memory.process.size", "1728m", "taskmanager.numberOfTaskSlots", "4"));
    ModelLimit process = ModelLimit.of(shipped).orElseThrow();
    assertThat(CacheLimit.of(cache(Map.of()), process.heap(), process.slots(), false).bytes())
        .isBetween(30 * MIB, 34 * MIB);
  }

  @Test
  void aTaskKnowsTheHeapAndTheSlotsOfItsTaskManager() {
    Configuration slots = Configuration.fromMap(Map.of("taskmanager.numberOfTaskSlots", "8"));
    assertThat(CacheLimit.here(cache(Map.of()), slots, false).bytes())
        .isEqualTo(Runtime.getRuntime().maxMemory() / 8 / 4);
  }

  private static JobSettings.Cache cache(Map<String, String> settings) {
    return JobSettings.of(settings).models().cache();
  }
}

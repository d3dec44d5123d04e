package dev.sluice.ops.replay;

import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What is to be replayed.
 *
 * @param client properties of a Kafka client; may hold secrets
 * @param deferred the topic of deferred records
 * @param key only records with this key; null for all
 * @param firstTime whether nothing of the topic was replayed before, should nobody know any more
 * @param batch records a transaction, at least 1
 * @param patience the longest wait for the brokers
 */
public record ReplayPolicy(
    Properties client,
    String deferred,
    @Nullable String key,
    boolean firstTime,
    int batch,
    Duration patience) {

  public ReplayPolicy {
    if (batch < 1) {
      throw new IllegalArgumentException("batch (%s) must be at least 1".formatted(batch));
    }
  }

  /** The transactional id and the consumer group: one for each topic, so that one run fences. */
  String name() {
    return deferred + "-replay";
  }

  @Override
  public String toString() {
    return "ReplayPolicy[%s, key %s]".formatted(deferred, key);
  }
}

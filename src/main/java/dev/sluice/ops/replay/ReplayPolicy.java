package dev.sluice.ops.replay;

import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is to be replayed.
 *
 * @param client properties of a Kafka client; may hold secrets
 * @param deferred the topic of deferred records
 * @param inputs the job's input topics, the only ones that are written to
 * @param key only records with this key; null for all
 * @param firstTime whether nothing of the topic was replayed before, should nobody know any more
 * @param batch records a transaction, at least 1
 * @param patience the longest wait for the brokers
 */
public record ReplayPolicy(
    Properties client,
    String deferred,
    Set<String> inputs,
    @Nullable String key,
    boolean firstTime,
    int batch,
    Duration patience) {

  public ReplayPolicy {
    if (batch < 1) {
      throw new IllegalArgumentException("batch (%s) must be at least 1".formatted(batch));
    }
    inputs = Set.copyOf(inputs);
  }

  /**
   * Refuses to write to other topics than the job's own. Which topic a record came from is told by
   * a header, and whoever may write to the deferred topic could have any topic written to with it,
   * by a user with more rights.
   *
   * @param named by the records' headers
   * @throws IOException naming the others
   */
  void refuseOtherTopics(Set<String> named) throws IOException {
    Set<String> others = new TreeSet<>(named);
    others.removeAll(inputs);
    if (!others.isEmpty()) {
      throw new IOException(
          "records of %s name %s as the topics that they came from, and the job reads %s; none was replayed. If it reads those too, name all of its input topics with --events; if not, somebody else has written these records: find out who may write to %s"
              .formatted(deferred, others, new TreeSet<>(inputs), deferred));
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

package dev.sluice.tool.audit;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whether a job is still at the position of its stop, as far as Kafka shows. A job that was started
 * again without this tool would be judged by a snapshot that it has long passed, and each of its
 * new answers would be taken for damage.
 *
 * @param stoppedAt where the stop's snapshot continues, by input partition
 * @param committed what the job's consumer group has committed
 * @param ends where the input partitions end
 * @param open whether a transaction of the job is open
 */
public record Standstill(
    SortedMap<Partition, Long> stoppedAt,
    SortedMap<Partition, Long> committed,
    SortedMap<Partition, Long> ends,
    boolean open) {

  /**
   * Asks.
   *
   * @throws IOException if the brokers don't answer
   */
  public static Standstill of(AuditedJob job, SortedMap<Partition, Long> stoppedAt, Brokers brokers)
      throws IOException, InterruptedException {
    SortedMap<Partition, Long> committed = new TreeMap<>(brokers.committedOffsets(job.groupId()));
    committed.keySet().removeIf(p -> !job.events().contains(p.topic()));
    return new Standstill(
        stoppedAt,
        committed,
        brokers.ends(job.events()),
        !brokers.open(job.transactionalIdPrefix()).isEmpty());
  }

  /** Why it does not stand there any more, or never did; empty if nothing speaks against it. */
  public Optional<String> objection() {
    for (Map.Entry<Partition, Long> one : stoppedAt.entrySet()) {
      Long end = ends.get(one.getKey());
      if (one.getValue() > 0 && (end == null || end < one.getValue())) {
        return Optional.of(
            "it stopped at %s of %s, which ends at %s here: it is of other brokers, or the topic was deleted since"
                .formatted(one.getValue(), one.getKey(), end == null ? "nothing" : end));
      }
    }
    for (Map.Entry<Partition, Long> one : committed.entrySet()) {
      long stopped = stoppedAt.getOrDefault(one.getKey(), 0L);
      if (one.getValue() > stopped) {
        return Optional.of(
            "it stopped at %s of %s, and the job's consumer group has come to %s since: the job was started again"
                .formatted(stopped, one.getKey(), one.getValue()));
      }
    }
    return open
        ? Optional.of(
            "transactions of the job are open: it runs again, or they are stuck; an audit with --receipt shows which")
        : Optional.empty();
  }

  /** Whether the consumer group has come exactly as far as the stop. */
  public boolean isAsCommitted() {
    SortedMap<Partition, Long> read = new TreeMap<>(stoppedAt);
    read.values().removeIf(offset -> offset == 0);
    SortedMap<Partition, Long> reported = new TreeMap<>(committed);
    reported.values().removeIf(offset -> offset == 0);
    return read.equals(reported);
  }
}

package dev.sluice.job.fence;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads which origins are committed in a range of output partitions, and nothing else of the
 * records. Reading read_committed up to an offset takes until no transaction with a record below it
 * is open: the consumer is not given what lies above the last stable offset. Used by one thread.
 */
final class CommittedOrigins {

  private static final Duration POLL = Duration.ofMillis(100);

  private final FenceSettings settings;
  private final OpenTransactions openTransactions;

  private final OriginReader origins = new OriginReader();
  private final OriginSet found = new OriginSet();
  private long records;
  private long bytes;

  CommittedOrigins(FenceSettings settings, OpenTransactions openTransactions) {
    this.settings = settings;
    this.openTransactions = openTransactions;
  }

  /**
   * Reads until the ends are reached.
   *
   * @param from the first offset of each partition
   * @param to where to stop, exclusive, of the same partitions
   * @return the origins of all committed records in between
   * @throws IOException if nothing goes forward for the patience of the settings: names the
   *     transactions that are open
   */
  OriginSet read(SortedMap<Partition, Long> from, SortedMap<Partition, Long> to)
      throws IOException, InterruptedException {
    visit(
        from,
        to,
        record -> {
          Origin origin = origin(record);
          if (origin != null) {
            found.add(origin);
          }
          return true;
        });
    return found.compress();
  }

  /**
   * The first committed record with an origin.
   *
   * @param from the first offset of each partition
   * @param to where to stop, exclusive, of the same partitions
   * @return where it is and what it answers, in words; null if there is none
   * @throws IOException as {@link #read}
   */
  @Nullable String firstAnswer(SortedMap<Partition, Long> from, SortedMap<Partition, Long> to)
      throws IOException, InterruptedException {
    List<String> first = new ArrayList<>();
    visit(
        from,
        to,
        record -> {
          Origin origin = origin(record);
          if (origin != null) {
            first.add(
                "%s/%s holds the answer to %s at offset %s"
                    .formatted(record.topic(), record.partition(), origin, record.offset()));
          }
          return origin == null;
        });
    return first.isEmpty() ? null : first.get(0);
  }

  /** Shows every committed record of a range, as long as the visitor wants more. */
  private void visit(
      SortedMap<Partition, Long> from,
      SortedMap<Partition, Long> to,
      Predicate<ConsumerRecord<?, ?>> visitor)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> left = left(from, to);
    if (left.isEmpty()) {
      return;
    }
    try (Consumer<?, ?> consumer = consumer(settings.clientProperties())) {
      consumer.assign(left.keySet());
      left.keySet().forEach(p -> consumer.seek(p, from.getOrDefault(OutputLog.partition(p), 0L)));
      long positions = -1;
      long lastProgress = System.nanoTime();
      while (!left.isEmpty() && show(consumer.poll(POLL), left, visitor)) {
        long now = System.nanoTime();
        long reached = forget(consumer, left);
        if (reached != positions) {
          positions = reached;
          lastProgress = now;
        } else {
          refuseToWaitLonger(consumer, left, Duration.ofNanos(now - lastProgress));
        }
      }
    }
  }

  /** Records read, committed ones only. */
  long records() {
    return records;
  }

  /** Bytes of their keys and values. */
  long bytes() {
    return bytes;
  }

  private boolean show(
      ConsumerRecords<?, ?> committed,
      Map<TopicPartition, Long> left,
      Predicate<ConsumerRecord<?, ?>> visitor) {
    for (TopicPartition partition : committed.partitions()) {
      Long end = left.get(partition);
      for (ConsumerRecord<?, ?> record : committed.records(partition)) {
        if (end == null || record.offset() >= end) {
          break;
        }
        records++;
        bytes +=
            Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        if (!visitor.test(record)) {
          return false;
        }
      }
    }
    return true;
  }

  private @Nullable Origin origin(ConsumerRecord<?, ?> record) {
    Header header = record.headers().lastHeader(Headers.ORIGIN);
    return header == null ? null : origins.read(header.value());
  }

  private static Map<TopicPartition, Long> left(
      SortedMap<Partition, Long> from, SortedMap<Partition, Long> to) {
    Map<TopicPartition, Long> left = new HashMap<>();
    to.forEach(
        (p, end) -> {
          if (from.getOrDefault(p, 0L) < end) {
            left.put(OutputLog.topicPartition(p), end);
          }
        });
    return left;
  }

  /** Drops the partitions that are read to their end; the sum of all positions. */
  private static long forget(Consumer<?, ?> consumer, Map<TopicPartition, Long> left) {
    long sum = 0;
    List<TopicPartition> done = new ArrayList<>();
    for (Map.Entry<TopicPartition, Long> e : left.entrySet()) {
      long position = consumer.position(e.getKey());
      sum += position;
      if (position >= e.getValue()) {
        done.add(e.getKey());
      }
    }
    if (!done.isEmpty()) {
      consumer.pause(done);
      left.keySet().removeAll(done);
    }
    return sum;
  }

  private void refuseToWaitLonger(
      Consumer<?, ?> consumer, Map<TopicPartition, Long> left, Duration waited)
      throws IOException, InterruptedException {
    if (waited.compareTo(settings.patience()) < 0) {
      return;
    }
    SortedMap<String, String> stuck = new TreeMap<>();
    left.forEach((p, end) -> stuck.put(p.toString(), consumer.position(p) + " of " + end));
    throw new IOException(
        "the restore fence has waited %s s for the output topics to be read to their ends (%s), and may let no answer pass before: %s. A transaction ends when its producer commits or aborts it, or with its timeout; 'kafka-transactions.sh abort' ends one that hangs"
            .formatted(
                waited.toSeconds(), stuck, openTransactions.describe(positions(left.keySet()))));
  }

  private static List<Partition> positions(Iterable<TopicPartition> partitions) {
    List<Partition> list = new ArrayList<>();
    partitions.forEach(p -> list.add(OutputLog.partition(p)));
    return list;
  }

  /** Sees committed records only, belongs to no group, and does not copy keys and values. */
  private static Consumer<?, ?> consumer(Properties properties) {
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "20000");
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "" + (8 << 20));
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "100");
    return new KafkaConsumer<>(properties, new Skipped(), new Skipped());
  }

  /** What is not looked at is not copied. */
  private static final class Skipped implements Deserializer<@Nullable Void> {

    @Override
    public @Nullable Void deserialize(String topic, byte[] data) {
      return null;
    }

    @Override
    public @Nullable Void deserialize(
        String topic, org.apache.kafka.common.header.Headers headers, ByteBuffer data) {
      return null;
    }
  }
}

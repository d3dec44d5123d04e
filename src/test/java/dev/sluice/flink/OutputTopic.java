package dev.sluice.flink;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A topic of one partition that numbers are written to, as a read_committed consumer sees it. */
final class OutputTopic implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration QUIET = Duration.ofSeconds(5);

  private final String bootstrapServers;
  private final TopicPartition partition;
  private final Admin admin;

  OutputTopic(String bootstrapServers, String topic) {
    this.bootstrapServers = bootstrapServers;
    this.partition = new TopicPartition(topic, 0);
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }

  /**
   * What was read.
   *
   * @param records how many records
   * @param distinct how many different numbers
   */
  record Committed(int records, int distinct) {
    int duplicates() {
      return records - distinct;
    }
  }

  /** Whether there are records, and none of them belongs to an open transaction. */
  boolean isCommittedToItsEnd() throws ExecutionException, InterruptedException {
    long stable = end(IsolationLevel.READ_COMMITTED);
    return stable > 0 && stable == end(IsolationLevel.READ_UNCOMMITTED);
  }

  private long end(IsolationLevel level) throws ExecutionException, InterruptedException {
    return admin
        .listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(level))
        .partitionResult(partition)
        .get()
        .offset();
  }

  /**
   * Reads from the beginning until all of 0 … count - 1 have come, or a minute has passed, and then
   * until nothing more has come for 5 s.
   */
  Committed read(int count) {
    BitSet found = new BitSet(count);
    int records = 0;
    try (KafkaConsumer<byte[], String> consumer = consumer()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long start = System.nanoTime();
      long lastNews = start;
      while (System.nanoTime() - lastNews < QUIET.toNanos()
          || (found.cardinality() < count && System.nanoTime() - start < LIMIT.toNanos())) {
        for (ConsumerRecord<byte[], String> each : consumer.poll(Duration.ofMillis(200))) {
          found.set(Integer.parseInt(each.value()));
          records++;
          lastNews = System.nanoTime();
        }
      }
    }
    return new Committed(records, found.cardinality());
  }

  private KafkaConsumer<byte[], String> consumer() {
    return new KafkaConsumer<>(
        Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
        new ByteArrayDeserializer(),
        new StringDeserializer());
  }

  @Override
  public void close() {
    admin.close();
  }
}

package dev.sluice.support.ledger;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads whole topics, read_committed, from their beginning to an end that stays the end. */
final class KafkaTap {

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final String bootstrapServers;
  private final Duration quiet;

  /**
   * Taps one broker.
   *
   * @param bootstrapServers the broker
   * @param quiet how long nothing more must come after the end, so that a late duplicate is seen
   */
  KafkaTap(String bootstrapServers, Duration quiet) {
    this.bootstrapServers = bootstrapServers;
    this.quiet = quiet;
  }

  /** Hands every committed record of the topics to {@code each}, in order within a partition. */
  void read(Collection<String> topics, Consumer<ConsumerRecord<byte[], byte[]>> each) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      drain(consumer, assignAll(consumer, topics), each);
    }
  }

  /** Reads until so many committed records have come, or {@code limit} has passed. */
  void readUntil(Collection<String> topics, long count, Duration limit) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      assignAll(consumer, topics);
      long start = System.nanoTime();
      long found = 0;
      while (found < count && System.nanoTime() - start < limit.toNanos()) {
        found += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            IsolationLevel.READ_COMMITTED.name().toLowerCase(Locale.ROOT),
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static List<TopicPartition> assignAll(
      KafkaConsumer<byte[], byte[]> consumer, Collection<String> topics) {
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }

  private void drain(
      KafkaConsumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      Consumer<ConsumerRecord<byte[], byte[]>> each) {
    long start = System.nanoTime();
    long lastNews = start;
    while (System.nanoTime() - lastNews < quiet.toNanos() || !atEnd(consumer, partitions)) {
      if (System.nanoTime() - start > LIMIT.toNanos()) {
        throw new AssertionError(
            "waited %s for the end of %s; the readable ends are %s"
                .formatted(LIMIT, partitions, consumer.endOffsets(partitions)));
      }
      ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
      if (!records.isEmpty()) {
        lastNews = System.nanoTime();
        records.forEach(each);
      }
    }
  }

  private static boolean atEnd(
      KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return partitions.stream().allMatch(p -> consumer.position(p) >= ends.getOrDefault(p, 0L));
  }
}

package dev.sluice.bench.throughput;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a topic holds for a reader of committed records.
 *
 * @param records how many
 * @param digest of all keys and values, whatever their order
 */
record CommittedAnswers(long records, long digest) {

  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** Reads a topic to its end; nothing writes to it meanwhile. */
  static CommittedAnswers read(String bootstrapServers, String topic) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("max.poll.records", 20_000);
    properties.put("max.partition.fetch.bytes", 16 << 20);
    long records = 0;
    long digest = 0;
    CRC32C crc = new CRC32C();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all = BenchBroker.partitions(List.of(topic));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(all));
      Set<TopicPartition> left = new HashSet<>(all);
      long deadline = System.nanoTime() + SILENCE.toNanos();
      while (!left.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          crc.reset();
          crc.update(record.key());
          crc.update(record.value());
          digest += crc.getValue() * (record.value().length + 1L);
          records++;
          deadline = System.nanoTime() + SILENCE.toNanos();
        }
        left.removeIf(
            partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "%s: nothing came for %s before its end".formatted(topic, SILENCE));
        }
      }
    }
    return new CommittedAnswers(records, digest);
  }
}

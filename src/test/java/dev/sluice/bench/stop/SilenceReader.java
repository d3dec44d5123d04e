package dev.sluice.bench.stop;

import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.JobTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads committed answers as they become visible, and notes when each partition had some. */
final class SilenceReader extends Thread implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(20);

  private final Properties properties = new Properties();
  private final Map<TopicPartition, List<Long>> arrivals = new HashMap<>();
  private volatile boolean ended;

  /**
   * Reads predictions and evaluations from their ends on.
   *
   * @param partitions of each topic
   */
  SilenceReader(String bootstrapServers, JobTopics topics, int partitions) {
    super("reader");
    setDaemon(true);
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "latest");
    properties.put("max.poll.records", 10_000);
    for (String topic : List.of(topics.predictions(), topics.evaluations())) {
      for (int partition = 0; partition < partitions; partition++) {
        arrivals.put(new TopicPartition(topic, partition), new ArrayList<>());
      }
    }
  }

  @Override
  public void run() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(arrivals.keySet());
      while (!ended) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        long now = System.nanoTime();
        synchronized (arrivals) {
          records.partitions().forEach(partition -> noteAt(partition, now));
        }
      }
    }
  }

  /** Notes an answer from a partition; arrivals come in their order. */
  void noteAt(TopicPartition partition, long nanos) {
    arrivals.computeIfAbsent(partition, p -> new ArrayList<>()).add(nanos);
  }

  /** Waits until every partition has had an answer after a moment. */
  void await(long afterNanos, Duration limit) {
    Eventually.until(
        "answers in all of " + arrivals.keySet(),
        limit,
        () -> {
          synchronized (arrivals) {
            return arrivals.values().stream()
                .allMatch(
                    times -> !times.isEmpty() && times.get(times.size() - 1) - afterNanos > 0);
          }
        });
  }

  /**
   * The longest time without an answer from a partition, in seconds, of those that ended after a
   * moment.
   */
  double longest(long afterNanos) {
    long longest = 0;
    synchronized (arrivals) {
      for (List<Long> times : arrivals.values()) {
        for (int i = 1; i < times.size(); i++) {
          if (times.get(i) - afterNanos > 0) {
            longest = Math.max(longest, times.get(i) - times.get(i - 1));
          }
        }
      }
    }
    return longest / 1e9;
  }

  @Override
  public void close() {
    ended = true;
    try {
      join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

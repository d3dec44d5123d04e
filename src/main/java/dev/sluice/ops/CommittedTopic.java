package dev.sluice.ops;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what is committed in a topic, once, from its beginning to where it ends now. */
public final class CommittedTopic {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final int PATIENCE_MS = 20_000;

  private final Properties client;
  private final String topic;

  /**
   * A topic.
   *
   * @param client properties of a Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public CommittedTopic(Properties client, String topic) {
    this.client = client;
    this.topic = topic;
  }

  /** What is done with each record. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Takes one record.
     *
     * @throws IOException if it can't be used; reading ends
     */
    void visit(ConsumerRecord<byte[], byte[]> committed) throws IOException;
  }

  /** A consumer that sees committed records only and belongs to no group. */
  public static Consumer<byte[], byte[]> consumer(Properties client) {
    Properties settings = new Properties();
    settings.putAll(client);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS / 2);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Reads the topic.
   *
   * @throws IOException if there is no such topic, the broker does not answer, or the visitor
   *     refuses a record
   */
  public void read(Visitor visitor) throws IOException {
    try (Consumer<byte[], byte[]> consumer = consumer(client)) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      readTo(consumer, consumer.endOffsets(partitions), visitor);
    } catch (KafkaException e) {
      throw new IOException(
          "topic %s at %s can't be read: %s".formatted(topic, servers(), e.getMessage()), e);
    }
  }

  private String servers() {
    return client.getProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "");
  }

  private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) throws IOException {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    if (found == null || found.isEmpty()) {
      throw new IOException("there is no topic %s at %s".formatted(topic, servers()));
    }
    return found.stream().map(p -> new TopicPartition(topic, p.partition())).toList();
  }

  private void readTo(
      Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends, Visitor visitor)
      throws IOException {
    long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000L;
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      boolean empty = true;
      for (ConsumerRecord<byte[], byte[]> committed : consumer.poll(POLL)) {
        empty = false;
        Long end = ends.get(new TopicPartition(topic, committed.partition()));
        if (end != null && committed.offset() < end) {
          visitor.visit(committed);
        }
      }
      if (!empty) {
        deadline = System.nanoTime() + PATIENCE_MS * 1_000_000L;
      } else if (System.nanoTime() > deadline) {
        throw new IOException(
            "topic %s at %s gave nothing for %s s before its end was reached"
                .formatted(topic, servers(), PATIENCE_MS / 1000));
      }
    }
  }
}

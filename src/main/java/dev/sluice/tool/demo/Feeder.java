package dev.sluice.tool.demo;

import dev.sluice.codec.Headers;
import dev.sluice.tool.broker.CommittedTopic;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds events to a topic that no other program but replays writes to, and continues exactly where
 * the topic ends: it passes over what each partition holds already and checks that the last record
 * of each partition is, byte for byte, the event that should be there ({@link FeedPosition}).
 *
 * <p>{@link #run} belongs to one thread; the progress may be read from any.
 */
public final class Feeder {

  private final Properties client;
  private final String topic;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final AtomicLong inTopic = new AtomicLong();
  private volatile long dataTimeMs;
  private volatile boolean exhausted;

  /**
   * Feeds a topic.
   *
   * @param client properties of every Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public Feeder(Properties client, String topic) {
    this.client = client;
    this.topic = topic;
  }

  /** How many events have been handed over, those of earlier runs included. */
  public long inTopic() {
    return inTopic.get();
  }

  /** The time of the last event handed over, epoch milliseconds; 0 before the first. */
  public long dataTimeMs() {
    return dataTimeMs;
  }

  /** Whether the events came to their end. */
  public boolean exhausted() {
    return exhausted;
  }

  /**
   * Feeds until the events end or {@code stop} returns true; returns when everything sent is
   * acknowledged.
   *
   * @param perSecond events a second; 0 = as fast as possible
   * @throws IOException if the topic holds anything else than these events, or the broker fails
   */
  public void run(Iterator<FlightEvent> events, int perSecond, BooleanSupplier stop)
      throws IOException {
    try {
      Map<Integer, FeedPosition.Last> lasts = new HashMap<>();
      FeedPosition position = position(lasts);
      Queue<FlightEvent> missing = position.passOver(events, lasts);
      inTopic.set(position.total());
      try (Producer<byte[], byte[]> producer = producer()) {
        Pace pace = new Pace(perSecond, System.nanoTime());
        while ((!missing.isEmpty() || events.hasNext()) && !stop.getAsBoolean()) {
          FlightEvent event = missing.isEmpty() ? events.next() : missing.remove();
          send(producer, position, event);
          pace.await();
        }
        producer.flush();
        exhausted = missing.isEmpty() && !events.hasNext();
      }
      requireAcknowledged();
    } catch (KafkaException e) {
      throw new IOException(
          "feeding %s at %s failed: %s".formatted(topic, servers(), e.getMessage()), e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback has it
  private void send(Producer<byte[], byte[]> producer, FeedPosition position, FlightEvent event)
      throws IOException {
    requireAcknowledged();
    byte[] key = event.keyBytes();
    producer.send(
        new ProducerRecord<>(topic, position.partitionOf(key), key, event.json()),
        (metadata, thrown) -> {
          if (thrown != null) {
            failure.compareAndSet(null, thrown);
          }
        });
    dataTimeMs = event.timeMs();
    inTopic.incrementAndGet();
  }

  private void requireAcknowledged() throws IOException {
    Exception failed = failure.get();
    if (failed != null) {
      throw new IOException(
          "%s at %s did not acknowledge an event: %s"
              .formatted(topic, servers(), failed.getMessage()),
          failed);
    }
  }

  private String servers() {
    return client.getProperty(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "");
  }

  /**
   * Reads what is there: offsets are no count, because a replay adds records and the markers of its
   * transactions.
   */
  private FeedPosition position(Map<Integer, FeedPosition.Last> lasts) throws IOException {
    long[] held = beginnings();
    new CommittedTopic(client, topic)
        .read(
            fed -> {
              if (fed.headers().lastHeader(Headers.REPLAY_OF) == null) {
                held[fed.partition()]++;
                lasts.put(fed.partition(), new FeedPosition.Last(fed.key(), fed.value()));
              }
            });
    return new FeedPosition(topic, held);
  }

  /** By partition; records before them were fed, and retention has deleted them. */
  private long[] beginnings() throws IOException {
    try (Consumer<byte[], byte[]> consumer = CommittedTopic.consumer(client)) {
      List<PartitionInfo> found = consumer.partitionsFor(topic);
      if (found == null || found.isEmpty()) {
        throw new IOException("there is no topic %s at %s".formatted(topic, servers()));
      }
      long[] beginnings = new long[found.size()];
      consumer
          .beginningOffsets(
              found.stream().map(p -> new TopicPartition(topic, p.partition())).toList())
          .forEach((partition, offset) -> beginnings[partition.partition()] = offset);
      return beginnings;
    }
  }

  private Producer<byte[], byte[]> producer() {
    Properties settings = new Properties();
    settings.putAll(client);
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 10);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}

package dev.sluice.tool.broker;

import dev.sluice.kafka.ListenerCheck;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what is committed in a topic, once, to where it ends now. */
public final class CommittedTopic {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SILENT = Duration.ofSeconds(2);
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  private static final int PATIENCE_MS = 20_000;

  private static final String COMMITTED = "read_committed";

  private final Properties client;
  private final String topic;
  private final String isolation;

  /**
   * A topic.
   *
   * @param client properties of a Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public CommittedTopic(Properties client, String topic) {
    this(client, topic, COMMITTED);
  }

  private CommittedTopic(Properties client, String topic, String isolation) {
    this.client = client;
    this.topic = topic;
    this.isolation = isolation;
  }

  /**
   * A topic that is read to its high watermark, with what is in transactions that are open or
   * aborted: for records that are in none, and may lie behind an open one of another producer.
   */
  public static CommittedTopic toHighWatermark(Properties client, String topic) {
    return new CommittedTopic(client, topic, "read_uncommitted");
  }

  /** From where each partition is read. */
  @FunctionalInterface
  public interface Start {
    /** The first offsets, of those partitions that are not read from their beginning. */
    Map<TopicPartition, Long> of(Consumer<byte[], byte[]> consumer, List<TopicPartition> all)
        throws IOException;
  }

  /** From the first record of each partition that was written at a time or later. */
  public static Start since(Instant time) {
    return (consumer, partitions) -> {
      Map<TopicPartition, Long> wanted = new HashMap<>();
      partitions.forEach(p -> wanted.put(p, time.toEpochMilli()));
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<TopicPartition, Long> from = new HashMap<>();
      consumer
          .offsetsForTimes(wanted)
          .forEach(
              (p, found) -> from.put(p, found == null ? ends.getOrDefault(p, 0L) : found.offset()));
      return from;
    };
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

  /**
   * A consumer that sees committed records only and belongs to no group.
   *
   * @throws IllegalArgumentException if it would not speak TLS, and the brokers' port does
   */
  public static Consumer<byte[], byte[]> consumer(Properties client) {
    return consumer(client, COMMITTED);
  }

  private static Consumer<byte[], byte[]> consumer(Properties client, String isolation) {
    Properties settings = new Properties();
    settings.putAll(client);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS / 2);
    ListenerCheck.beforeConnecting(settings, "")
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(otherProtocol(client, why));
            });
    return LimitedClients.make(
        () ->
            new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        Duration.ofMillis(PATIENCE_MS));
  }

  /**
   * The cause of such a consumer's failure, and the remedy where waiting does not help. Kafka's
   * clients log the cause, too, but their logs are off in the tool.
   *
   * @param what can't be done, as in "topic a at b:9092 can't be read"
   */
  public static IOException failure(Properties client, String what, KafkaException e) {
    Optional<String> otherProtocol =
        e instanceof RetriableException ? ListenerCheck.afterSilence(client, "") : Optional.empty();
    if (otherProtocol.isPresent()) {
      return new IOException(otherProtocol(client, otherProtocol.get())); // no silence is behind it
    }
    Optional<IOException> unresolved = BrokerException.unresolved(what, e);
    if (unresolved.isPresent()) {
      return unresolved.get();
    }
    String why = "%s: %s".formatted(what, BrokerException.chain(e));
    if (e instanceof AuthorizationException || e instanceof AuthenticationException) {
      why =
          RefusalCode.BROKERS.in(
              why + "; deploy/secured-kafka.md lists the rights that each command needs");
    } else if (!(e instanceof ApiException) && e.getCause() != null) { // no client could be made
      why = RefusalCode.BROKERS.in(why + "; check the client's properties");
    }
    return new IOException(why, BrokerException.showsLogin(e) ? null : e);
  }

  private static String otherProtocol(Properties client, String why) {
    return RefusalCode.BROKERS.in(
        "the brokers at %s can't be used: %s"
            .formatted(client.getProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, ""), why));
  }

  /**
   * Reads the topic.
   *
   * @throws IOException if there is no such topic, the broker does not answer, or the visitor
   *     refuses a record
   */
  public void read(Visitor visitor) throws IOException {
    read((consumer, all) -> Map.of(), (what, done, all) -> {}, visitor);
  }

  /**
   * Reads a part of the topic.
   *
   * @param start asked once, of a consumer that may be moved
   * @param progress hears about once a second and at the end; of a short reading never
   * @throws IOException if there is no such topic, the broker does not answer, or the visitor
   *     refuses a record
   */
  public void read(Start start, ReadingProgress progress, Visitor visitor) throws IOException {
    try (Consumer<byte[], byte[]> consumer = consumer(client, isolation)) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      Map<TopicPartition, Long> from = new HashMap<>(consumer.beginningOffsets(partitions));
      start.of(consumer, partitions).forEach((p, offset) -> from.merge(p, offset, Math::max));
      from.forEach(consumer::seek);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      readTo(consumer, ends, visitor, new Reported(from, ends, progress));
    } catch (KafkaException e) {
      throw failure(client, "topic %s at %s can't be read".formatted(topic, servers()), e);
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

  /** Reports the progress of a read, if it takes long. */
  private final class Reported {
    private final long from;
    private final long all;
    private final ReadingProgress progress;
    private long nextNanos = System.nanoTime() + SILENT.toNanos();
    private boolean reported;

    Reported(
        Map<TopicPartition, Long> from, Map<TopicPartition, Long> ends, ReadingProgress progress) {
      this.from = sum(from);
      this.all = sum(ends) - this.from;
      this.progress = progress;
    }

    private static long sum(Map<TopicPartition, Long> offsets) {
      return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    void at(Consumer<?, ?> consumer) {
      if (System.nanoTime() >= nextNanos) {
        long reached = consumer.assignment().stream().mapToLong(consumer::position).sum();
        progress.at(topic, Math.min(reached - from, all - 1), all);
        nextNanos = System.nanoTime() + BETWEEN.toNanos();
        reported = true;
      }
    }

    void end() {
      if (reported) {
        progress.at(topic, all, all);
      }
    }
  }

  private void readTo(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      Visitor visitor,
      Reported reported)
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
      reported.at(consumer);
      if (!empty) {
        deadline = System.nanoTime() + PATIENCE_MS * 1_000_000L;
      } else if (System.nanoTime() > deadline) {
        throw new IOException(
            "topic %s at %s gave nothing for %s s before its end was reached"
                .formatted(topic, servers(), PATIENCE_MS / 1000));
      }
    }
    reported.end();
  }
}

package dev.sluice.kafka;

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
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is committed in a range of partitions, fast: keys and values are views of what came
 * over the network, not copied. Reading read_committed up to an offset takes until no transaction
 * with a record below it is open: the consumer receives nothing above the last stable offset. Used
 * by one thread.
 */
public final class CommittedRecords {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration UNLIMITED = Duration.ofNanos(Long.MAX_VALUE);

  private final Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers;
  private final Duration patience;

  /**
   * A reader; each reading has a connection of its own.
   *
   * @param client properties of a Kafka client; copied
   * @param patience how long nothing may go forward before the reading is given up
   */
  public CommittedRecords(Properties client, Duration patience) {
    this(consumers(client), patience);
  }

  /**
   * A reader.
   *
   * @param consumers gives each reading its connection
   */
  CommittedRecords(Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers, Duration patience) {
    this.consumers = consumers;
    this.patience = patience;
  }

  /** Is shown one record after the other, of a partition in their order. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Takes one record, whose key and value are views that are valid for the time of the call.
     *
     * @return whether to continue
     */
    boolean visit(ConsumerRecord<ByteBuffer, ByteBuffer> committed);
  }

  /** A copy of a key or value, to be kept. */
  public static byte @Nullable [] bytes(@Nullable ByteBuffer view) {
    if (view == null) {
      return null;
    }
    byte[] bytes = new byte[view.remaining()];
    view.duplicate().get(bytes);
    return bytes;
  }

  /**
   * How many records there are.
   *
   * @param records how many, or at most how many
   * @param exact whether there are as many
   */
  public record Count(long records, boolean exact) {}

  /** Nothing has come for too long. */
  public static final class StalledException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient SortedMap<Partition, Long> positions;

    StalledException(SortedMap<Partition, Long> positions, String text) {
      super(text);
      this.positions = positions;
    }

    /** How far each partition was read of those that were not read to their end. */
    public SortedMap<Partition, Long> positions() {
      return positions;
    }
  }

  /**
   * Shows every committed record of a range, as long as the visitor wants more.
   *
   * @param from the first offset of each partition; 0 where there is none
   * @param to where to stop, exclusive
   * @throws StalledException if nothing goes forward for as long as the patience
   * @throws IOException if the brokers don't let it read
   */
  public void visit(SortedMap<Partition, Long> from, SortedMap<Partition, Long> to, Visitor visitor)
      throws IOException, InterruptedException {
    visit(from, to, visitor, UNLIMITED);
  }

  /** Whether it was not given up for the limit. */
  private boolean visit(
      SortedMap<Partition, Long> from,
      SortedMap<Partition, Long> to,
      Visitor visitor,
      Duration limit)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> left = left(from, to);
    if (left.isEmpty()) {
      return true;
    }
    try (Consumer<ByteBuffer, ByteBuffer> consumer = consumers.get()) {
      consumer.assign(left.keySet());
      left.keySet().forEach(p -> consumer.seek(p, from.getOrDefault(Partitions.of(p), 0L)));
      return read(consumer, left, visitor, limit.toNanos());
    } catch (InterruptException e) {
      Thread.interrupted(); // From here on the exception reports the failure.
      throw new InterruptedException("interrupted while reading " + to.keySet());
    } catch (KafkaException e) {
      throw new IOException("%s can't be read: %s".formatted(to.keySet(), reason(e)), e);
    }
  }

  /**
   * Counts the committed records of a range. Its offsets don't show how many there are: the markers
   * that end transactions and the records of aborted ones also take offsets, and no reader ever
   * receives them. So a reader whose next record is a marker has nothing to wait for.
   *
   * @param most how many to count one by one
   * @param limit how long it may take, however much is read: a reader receives no records of
   *     aborted transactions, so skipping them may take any time
   * @return exactly how many there are, if there are no more than {@code most} and the time is
   *     enough; otherwise the offsets of the range
   * @throws IOException as {@link #visit}, or if the limit is over and there was no record yet
   */
  public Count count(
      SortedMap<Partition, Long> from, SortedMap<Partition, Long> to, int most, Duration limit)
      throws IOException, InterruptedException {
    long[] seen = {0};
    boolean inTime = visit(from, to, record -> ++seen[0] <= most, limit);
    if (inTime && seen[0] <= most) {
      return new Count(seen[0], true);
    }
    if (seen[0] == 0) {
      throw new IOException(
          ("no committed record of %s was found within %s s; many records of aborted transactions lie there, or "
                  + "the brokers are slow")
              .formatted(to.keySet(), limit.toSeconds()));
    }
    long offsets =
        to.entrySet().stream()
            .mapToLong(end -> Math.max(0, end.getValue() - from.getOrDefault(end.getKey(), 0L)))
            .sum();
    return new Count(offsets, false);
  }

  private boolean read(
      Consumer<ByteBuffer, ByteBuffer> consumer,
      Map<TopicPartition, Long> left,
      Visitor visitor,
      long limitNanos)
      throws StalledException {
    long positions = -1;
    long began = System.nanoTime();
    long lastProgress = began;
    while (!left.isEmpty() && show(consumer.poll(POLL), left, visitor)) {
      long now = System.nanoTime();
      long reached = forget(consumer, left);
      if (reached != positions) {
        positions = reached;
        lastProgress = now;
      } else if (now - lastProgress >= patience.toNanos()) {
        throw stalled(consumer, left, now - lastProgress);
      }
      if (now - began >= limitNanos && !left.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private static boolean show(
      ConsumerRecords<ByteBuffer, ByteBuffer> committed,
      Map<TopicPartition, Long> left,
      Visitor visitor) {
    for (TopicPartition partition : committed.partitions()) {
      Long end = left.get(partition);
      for (ConsumerRecord<ByteBuffer, ByteBuffer> record : committed.records(partition)) {
        if (end == null || record.offset() >= end) {
          break;
        }
        if (!visitor.visit(record)) {
          return false;
        }
      }
    }
    return true;
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

  private static StalledException stalled(
      Consumer<?, ?> consumer, Map<TopicPartition, Long> left, long waitedNanos) {
    SortedMap<Partition, Long> positions = new TreeMap<>();
    SortedMap<String, String> texts = new TreeMap<>();
    left.forEach(
        (p, end) -> {
          positions.put(Partitions.of(p), consumer.position(p));
          texts.put(p.toString(), consumer.position(p) + " of " + end);
        });
    return new StalledException(
        positions, "waited %s s (%s)".formatted(Duration.ofNanos(waitedNanos).toSeconds(), texts));
  }

  private static Map<TopicPartition, Long> left(
      SortedMap<Partition, Long> from, SortedMap<Partition, Long> to) {
    Map<TopicPartition, Long> left = new HashMap<>();
    to.forEach(
        (p, end) -> {
          if (from.getOrDefault(p, 0L) < end) {
            left.put(Partitions.kafka(p), end);
          }
        });
    return left;
  }

  /**
   * The properties that a reading's consumer has: it sees committed records only and belongs to no
   * group.
   *
   * @param client properties of a Kafka client; copied
   */
  public static Properties properties(Properties client) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "20000");
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "" + (8 << 20));
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "100");
    return properties;
  }

  private static Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers(Properties client) {
    Properties properties = properties(client);
    return () -> new KafkaConsumer<>(properties, new View(), new View());
  }

  private static String reason(KafkaException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return e == cause ? String.valueOf(e.getMessage()) : e.getMessage() + ": " + cause.getMessage();
  }

  /** What is not inspected is not copied. */
  private static final class View implements Deserializer<@Nullable ByteBuffer> {

    @Override
    public @Nullable ByteBuffer deserialize(String topic, byte @Nullable [] data) {
      return data == null ? null : ByteBuffer.wrap(data);
    }

    @Override
    public @Nullable ByteBuffer deserialize(
        String topic, Headers headers, @Nullable ByteBuffer data) {
      return data;
    }
  }
}

package dev.sluice.tool.feed;

import dev.sluice.codec.Details;
import dev.sluice.codec.Headers;
import dev.sluice.tool.broker.CommittedTopic;
import dev.sluice.tool.events.InputEvent;
import java.io.IOException;
import java.time.Duration;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds events to a topic, and continues exactly where the topic ends: it passes over what each
 * partition holds already and checks that the last record of each partition is, byte for byte, the
 * event that should be there ({@link FeedPosition}).
 *
 * <p>A feed without a name counts every record but those of replays and of named feeds, so no other
 * program may write to its topic. A named feed marks its records with {@link Headers#FEED}, so
 * several of them and other programs can share a topic. The mark counts the feed's events in the
 * partition: what retention deletes is known as long as the last of them is there.
 *
 * <p>{@link #run} belongs to one thread; the progress may be read from any.
 */
public final class Feeder {

  private static final String OTHER_DATA =
      "Topic %s was filled from other data or by somebody else; start again in another --dir, or"
          + " with --fresh";

  private static final String OTHER_FILE =
      "Topic %s holds another file of the name (%s), or this one in another order. If it is another"
          + " file, --as NAME gives this one another name. If it was fed with another --delay, give"
          + " that one. If it was fed with --delay and has grown since, its last outcomes were fed at"
          + " its former end and belong between its new rows now: feed these alone, with --from-row"
          + " ROW and --as NAME";

  private static final int MAX_REQUEST = 16 << 20;

  private static final Duration UNTIL_SENT = Duration.ofMillis(Long.MAX_VALUE);

  private final Properties client;
  private final String topic;
  private final String name;
  private final boolean anew;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final AtomicLong inTopic = new AtomicLong();
  private volatile long dataTimeMs;
  private volatile boolean exhausted;

  /**
   * Feeds a topic, without a name.
   *
   * @param client properties of every Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public Feeder(Properties client, String topic) {
    this(client, topic, "", false);
  }

  /**
   * Feeds a topic.
   *
   * @param client properties of every Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   * @param name of the feed; empty for none
   * @param anew whether it is known that what was deleted from the topic was not of this feed
   */
  public Feeder(Properties client, String topic, String name, boolean anew) {
    this.client = client;
    this.topic = topic;
    this.name = name;
    this.anew = anew;
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
  public void run(Iterator<? extends InputEvent> events, int perSecond, BooleanSupplier stop)
      throws IOException {
    try {
      Map<Integer, FeedPosition.Last> lasts = new HashMap<>();
      FeedPosition position = position(lasts);
      Queue<InputEvent> missing = position.passOver(events, lasts);
      inTopic.set(position.total());
      Producer<byte[], byte[]> producer = producer();
      try {
        Pace pace = new Pace(perSecond, System.nanoTime());
        while ((!missing.isEmpty() || events.hasNext()) && !stop.getAsBoolean()) {
          InputEvent event = missing.isEmpty() ? events.next() : missing.remove();
          send(producer, position, event);
          pace.await();
        }
        producer.flush();
        requireAcknowledged();
        exhausted = missing.isEmpty() && !events.hasNext();
      } catch (IllegalStateException | KafkaException e) {
        requireAcknowledged(); // it is closed once an event was not acknowledged
        throw e;
      } finally {
        producer.close(failure.get() == null ? UNTIL_SENT : Duration.ZERO);
      }
      requireAcknowledged();
    } catch (KafkaException e) {
      throw new IOException(
          "feeding %s at %s failed: %s".formatted(topic, servers(), e.getMessage()), e);
    }
  }

  /**
   * Sends one event. Closes the producer at once, from its own thread, when one is not
   * acknowledged: otherwise it would go on with a new epoch, and the topic would hold younger
   * events without this one. Within an epoch brokers take no batch before the one in front of it.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback has it
  private void send(Producer<byte[], byte[]> producer, FeedPosition position, InputEvent event)
      throws IOException {
    requireAcknowledged();
    byte[] key = event.keyBytes();
    int partition = position.partitionOf(key);
    long count = position.add(partition);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, key, event.json());
    if (!name.isEmpty()) {
      record.headers().add(Headers.FEED, Headers.bytes(name + "/" + count));
    }
    producer.send(
        record,
        (metadata, thrown) -> {
          if (thrown != null && failure.compareAndSet(null, thrown)) {
            producer.close(Duration.ZERO);
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
   * transactions. A feed's own records are in no transaction, but may lie behind one that is open.
   */
  private FeedPosition position(Map<Integer, FeedPosition.Last> lasts) throws IOException {
    long[] beginnings = beginnings();
    long[] held = name.isEmpty() ? beginnings : new long[beginnings.length];
    CommittedTopic.toHighWatermark(client, topic)
        .read(
            fed -> {
              long count = counted(fed, held[fed.partition()]);
              if (count > 0) {
                requireNext(fed.partition(), held[fed.partition()], count, beginnings);
                held[fed.partition()] = count;
                lasts.put(fed.partition(), new FeedPosition.Last(fed.key(), fed.value()));
              }
            });
    if (name.isEmpty()) {
      return new FeedPosition(topic, OTHER_DATA, held);
    }
    requireNoneDeleted(beginnings, held);
    String otherFile = OTHER_FILE.formatted("%s", Details.clipped(name).replace("%", "%%"));
    return new FeedPosition(topic, otherFile, held);
  }

  /** How many events of this feed the partition holds with this record; 0 if it is none of them. */
  private long counted(ConsumerRecord<byte[], byte[]> fed, long before) {
    if (fed.headers().lastHeader(Headers.REPLAY_OF) != null) {
      return 0;
    }
    Header mark = fed.headers().lastHeader(Headers.FEED);
    if (name.isEmpty() || mark == null || mark.value() == null) {
      return name.isEmpty() && mark == null ? before + 1 : 0;
    }
    String text = Headers.text(mark.value());
    int slash = text.lastIndexOf('/');
    boolean ours =
        slash == name.length()
            && text.startsWith(name)
            && text.substring(slash + 1).matches("[1-9]\\d{0,17}");
    return ours ? Long.parseLong(text.substring(slash + 1)) : 0;
  }

  /**
   * Without a gap, the last event of a partition tells which ones it has: all up to it. The first
   * that is left may be any, if retention has deleted those in front of it.
   */
  private void requireNext(int partition, long before, long count, long[] beginnings)
      throws IOException {
    if (count == before + 1 || (before == 0 && beginnings[partition] > 0)) {
      return;
    }
    throw new IOException(
        ("feeding can't continue, it would repeat or skip events: event %s of (%s) comes behind event"
                + " %s in %s/%s, %s. What was not fed yet can be fed with --from-row ROW and --as NAME,"
                + " or all of the file to a new topic")
            .formatted(
                count,
                Details.clipped(name),
                before,
                topic,
                partition,
                count > before
                    ? "and the %s in between are missing, as after an event that was not acknowledged"
                        .formatted(count - before - 1)
                    : "so some were fed twice, as by two feeds of this name at once"));
  }

  private void requireNoneDeleted(long[] beginnings, long[] held) throws IOException {
    for (int partition = 0; partition < held.length; partition++) {
      if (beginnings[partition] > 0 && held[partition] == 0 && !anew) {
        throw new IOException(
            ("the first records of %s/%s were deleted, and what is left holds none of (%s): whether"
                    + " it was fed before is not known, and its events would be answered twice; --anew"
                    + " feeds it from its first event")
                .formatted(topic, partition, Details.clipped(name)));
      }
    }
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
    settings.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, "" + MAX_REQUEST);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}

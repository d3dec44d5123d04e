package dev.sluice.tool.feed;

import dev.sluice.codec.Details;
import dev.sluice.codec.Headers;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.CommittedTopic;
import dev.sluice.tool.events.GrowingEvents;
import dev.sluice.tool.events.InputEvent;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Feeds events to a topic, and continues exactly where the topic ends: it passes over what each
 * partition holds already and checks that the last record of each partition is, byte for byte, the
 * event that should be there ({@link FeedPosition}).
 *
 * <p>A feed without a name counts every record but those of replays and of named feeds, so no other
 * program may write to its topic, and one run feeds it at a time. A named feed marks its records
 * with {@link Headers#FEED}, so several of them and other programs can share a topic, and one run
 * fences another of its name ({@link FeedProducer}). The mark counts the feed's events in the
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

  /** Longer than a transaction of a killed replay or feed is open. */
  private static final Duration UNTIL_ENDED = Duration.ofSeconds(80);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final Properties client;
  private final String topic;
  private final Feed feed;
  private final Duration untilEnded;
  private final NavigableSet<Long> fileEnds = new TreeSet<>();
  private final Map<Long, String> openRows = new HashMap<>();
  private final SortedMap<Partition, Long> ends = new ConcurrentSkipListMap<>();
  private final AtomicLong inTopic = new AtomicLong();
  private volatile long before;
  private volatile long dataTimeMs;
  private volatile boolean exhausted;

  /**
   * Feeds a topic, without a name.
   *
   * @param client properties of every Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public Feeder(Properties client, String topic) {
    this(client, topic, Feed.unnamed());
  }

  /**
   * Feeds a topic.
   *
   * @param client properties of every Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public Feeder(Properties client, String topic, Feed feed) {
    this(client, topic, feed, UNTIL_ENDED);
  }

  /** {@code untilEnded}: how long to wait for the end of a transaction that hides own events. */
  Feeder(Properties client, String topic, Feed feed, Duration untilEnded) {
    this.client = client;
    this.topic = topic;
    this.feed = feed;
    this.untilEnded = untilEnded;
  }

  /** What is fed. */
  Feed feed() {
    return feed;
  }

  /** How many events have been handed over, those of earlier runs included. */
  public long inTopic() {
    return inTopic.get();
  }

  /** How many events this run has handed over. */
  public long fed() {
    return inTopic.get() - before;
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
    requireTopic();
    try (FeedProducer producer = FeedProducer.open(client, topic, feed)) {
      Map<Integer, FeedPosition.Last> lasts = new HashMap<>();
      FeedPosition position = position(lasts);
      if (events instanceof GrowingEvents growing) {
        growing.endedAt(fileEnds);
        growing.wereOpen(openRows);
      }
      Queue<InputEvent> missing = position.passOver(events, lasts);
      before = position.total();
      inTopic.set(before);
      Pace pace = new Pace(perSecond, System.nanoTime());
      while ((!missing.isEmpty() || events.hasNext()) && !stop.getAsBoolean()) {
        InputEvent event = missing.isEmpty() ? events.next() : missing.remove();
        send(producer, position, event);
        pace.await();
        producer.commitIfDue();
      }
      producer.commit();
      producer.ends().forEach((p, end) -> ends.merge(new Partition(topic, p), end, Math::max));
      exhausted = missing.isEmpty() && !events.hasNext();
    } catch (KafkaException e) {
      throw new IOException(
          "feeding %s at %s failed: %s".formatted(topic, servers(), e.getMessage()), e);
    }
  }

  /**
   * Behind the last event in each partition, those of earlier runs included: what the job has read
   * when it has read all that was fed. Complete once the events came to their end.
   */
  SortedMap<Partition, Long> ends() {
    return new TreeMap<>(ends);
  }

  private void send(FeedProducer producer, FeedPosition position, InputEvent event)
      throws IOException {
    byte[] key = event.keyBytes();
    int partition = position.partitionOf(key);
    long count = position.add(partition);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, key, event.json());
    if (!feed.name().isEmpty()) {
      record.headers().add(Headers.FEED, Headers.bytes(feed.name() + "/" + count));
      if (event.endRow() >= 0) {
        record.headers().add(Headers.FEED_END, Headers.bytes("" + event.endRow()));
      }
      if (!event.openRow().isEmpty()) {
        record.headers().add(Headers.FEED_OPEN_ROW, Headers.bytes(event.openRow()));
      }
    }
    producer.send(record);
    dataTimeMs = event.timeMs();
    inTopic.incrementAndGet();
  }

  private String servers() {
    return client.getProperty(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "");
  }

  /**
   * Reads what is there: offsets are no count, because transactions end in markers, and a replay
   * adds records.
   */
  private FeedPosition position(Map<Integer, FeedPosition.Last> lasts) throws IOException {
    long[] beginnings = beginnings();
    long[] held = feed.name().isEmpty() ? beginnings : new long[beginnings.length];
    FeedMarks marks = new FeedMarks(topic, feed);
    records(marks)
        .visit(
            fed -> {
              long count = marks.count(fed, held[fed.partition()]);
              if (count > 0) {
                requireNext(fed.partition(), held[fed.partition()], count, beginnings);
                held[fed.partition()] = count;
                lasts.put(fed.partition(), new FeedPosition.Last(fed.key(), fed.value()));
                ends.merge(new Partition(topic, fed.partition()), fed.offset() + 1, Math::max);
                marks.end(fed).ifPresent(fileEnds::add);
                marks.openRow(fed).ifPresent(mark -> openRows.put(row(mark), mark));
              }
            });
    if (feed.name().isEmpty()) {
      return new FeedPosition(topic, OTHER_DATA, held);
    }
    marks.requireOwnIds(Arrays.stream(held).sum());
    requireNoneDeleted(beginnings, held);
    String otherFile = OTHER_FILE.formatted("%s", Details.clipped(feed.name()).replace("%", "%%"));
    return new FeedPosition(topic, otherFile, held);
  }

  private static long row(String openMark) {
    return Long.parseLong(openMark.substring(0, openMark.indexOf('/')));
  }

  /** A reading of the topic. */
  private interface Reading {
    void visit(CommittedTopic.Visitor visitor) throws IOException;
  }

  /**
   * What a named feed has fed is committed, or in no transaction. Behind a transaction that is open
   * it is not seen whether it is, so the end of that is awaited.
   */
  private Reading records(FeedMarks marks) throws IOException {
    if (feed.name().isEmpty()) {
      return CommittedTopic.toHighWatermark(client, topic)::read;
    }
    Deadline deadline = Time.system().after(untilEnded);
    OptionalInt hidden = hidden(marks);
    while (hidden.isPresent()) {
      if (deadline.isOver()) {
        throw new IOException(
            ("events of (%s) are behind a transaction that is open in %s/%s, and whether they count is not known"
                    + " until it ends, as it does by its time-out at the latest: nothing was fed, run it again then")
                .formatted(Details.clipped(feed.name()), topic, hidden.getAsInt()));
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      hidden = hidden(marks);
    }
    return new CommittedTopic(client, topic)::read;
  }

  /** A partition with own events behind what can be read committed. */
  private OptionalInt hidden(FeedMarks marks) throws IOException {
    Map<TopicPartition, Long> stable;
    try (Consumer<byte[], byte[]> consumer = CommittedTopic.consumer(client)) {
      stable = consumer.endOffsets(partitions(consumer));
    }
    int[] hidden = {-1};
    CommittedTopic.toHighWatermark(client, topic)
        .read(
            (consumer, all) -> stable,
            (what, done, all) -> {},
            fed -> hidden[0] = marks.count(fed, 0) > 0 ? fed.partition() : hidden[0]);
    return hidden[0] < 0 ? OptionalInt.empty() : OptionalInt.of(hidden[0]);
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
                Details.clipped(feed.name()),
                before,
                topic,
                partition,
                count > before
                    ? "and the %s in between are missing, as after an event that was not acknowledged"
                        .formatted(count - before - 1)
                    : "so some were fed twice, as by two feeds of this name at once in an earlier release"));
  }

  private void requireNoneDeleted(long[] beginnings, long[] held) throws IOException {
    for (int partition = 0; partition < held.length; partition++) {
      if (beginnings[partition] > 0
          && held[partition] == 0
          && !feed.claims().contains(Feed.Claim.FIRST_TIME)) {
        throw new IOException(
            ("the first records of %s/%s were deleted, and what is left holds none of (%s): whether"
                    + " it was fed before is not known, and its events would be answered twice; if it"
                    + " was not, give --first-time")
                .formatted(topic, partition, Details.clipped(feed.name())));
      }
    }
  }

  /** By partition; records before them were fed, and retention has deleted them. */
  private long[] beginnings() throws IOException {
    try (Consumer<byte[], byte[]> consumer = CommittedTopic.consumer(client)) {
      List<TopicPartition> found = partitions(consumer);
      long[] beginnings = new long[found.size()];
      consumer
          .beginningOffsets(found)
          .forEach((partition, offset) -> beginnings[partition.partition()] = offset);
      return beginnings;
    }
  }

  /** Before another run is fenced. */
  private void requireTopic() throws IOException {
    try (Consumer<byte[], byte[]> consumer = CommittedTopic.consumer(client)) {
      List<TopicPartition> unused = partitions(consumer);
    } catch (KafkaException e) {
      throw new IOException(
          "feeding %s at %s failed: %s".formatted(topic, servers(), e.getMessage()), e);
    }
  }

  private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) throws IOException {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    if (found == null || found.isEmpty()) {
      throw new IOException("there is no topic %s at %s".formatted(topic, servers()));
    }
    return found.stream().map(p -> new TopicPartition(topic, p.partition())).toList();
  }
}

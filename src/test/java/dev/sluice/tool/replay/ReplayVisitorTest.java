package dev.sluice.tool.replay;

import static dev.sluice.tool.replay.ReplayOffsets.Books.COMPLETE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.kafka.Partitions;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is fed back of a deferred topic with records of another program. */
class ReplayVisitorTest {

  private static final Partition DEFERRED = new Partition("deferred", 0);
  private static final Partition EVENTS = new Partition("events", 0);
  private static final ReplayOffsets START = marks(3, 40);

  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

  @BeforeEach
  void openTransactionalId() {
    producer.initTransactions();
  }

  @Test
  void aRecordOfAnotherTopicIsPassedOverAndTheOthersAreFedBack() throws Exception {
    ReplayVisitor feeding = feeding();
    assertThat(feeding.visit(deferred(3, new Origin("events", 0, 11)))).isTrue();
    assertThat(feeding.visit(deferred(4, new Origin("payments", 0, 12)))).isTrue();
    assertThat(feeding.visit(deferred(5, new Origin("events", 0, 13)))).isTrue();

    assertThat(finish(feeding))
        .isEqualTo(new Replay.Result(2, 0, 0, 0, 0, new TreeMap<>(Map.of("payments", 1L))));
    assertThat(producer.history()).extracting(ProducerRecord::topic).containsOnly("events");
    assertThat(producer.history()).extracting(ReplayVisitorTest::value).containsExactly("v3", "v5");
  }

  @Test
  void skippedRecordsAreLeftForALaterRunAndHoldNoOffsetBack() throws Exception {
    ReplayVisitor feeding = feeding(START, null);
    feeding.visit(deferred(3, new Origin("events", 0, 11)));
    feeding.visit(deferred(4, new Origin("more-events", 0, 12)));
    feeding.visit(deferred(5, new Origin("events", 0, 13)));
    finish(feeding);
    assertThat(committed())
        .isEqualTo(
            Map.of(
                kafka(DEFERRED), new OffsetAndMetadata(9, "replay1;complete;4+1"),
                kafka(EVENTS), new OffsetAndMetadata(50)));

    ReplayOffsets next = read(committed(), 12);
    assertThat(next.readFrom()).isEqualTo(new TreeMap<>(Map.of(DEFERRED, 4L)));
    producer.clear();
    ReplayVisitor later = feeding(next, null);
    for (long offset = 4; offset < 12; offset++) {
      later.visit(deferred(offset, new Origin(offset == 4 ? "more-events" : "events", 0, 20)));
    }
    finish(later);
    assertThat(producer.history())
        .extracting(ReplayVisitorTest::value)
        .as("5 to 8 are settled, whatever the input still holds of them")
        .containsExactly("v9", "v10", "v11");
  }

  @Test
  void ofOneKeyTheOthersAreLeft() throws Exception {
    ReplayVisitor ofOne = feeding(START, "a");
    for (long offset = 3; offset < 9; offset++) {
      ofOne.visit(deferred(offset, offset % 3 == 0 ? "a" : "b"));
    }
    assertThat(finish(ofOne).otherKeys()).isEqualTo(4);
    assertThat(producer.history()).extracting(ReplayVisitorTest::value).containsExactly("v3", "v6");
    ReplayOffsets next = read(committed(), 9);
    assertThat(next.books()).isEqualTo(COMPLETE);

    producer.clear();
    ReplayVisitor rest = feeding(next, null);
    for (long offset = 4; offset < 9; offset++) {
      rest.visit(deferred(offset, offset % 3 == 0 ? "a" : "b"));
    }
    finish(rest);
    assertThat(producer.history())
        .extracting(ReplayVisitorTest::value)
        .containsExactly("v4", "v5", "v7", "v8");
    assertThat(committed().get(kafka(DEFERRED)))
        .isEqualTo(new OffsetAndMetadata(9, "replay1;complete;"));
  }

  /** The run after a killed one trusts the marks, if they were complete. */
  @Test
  void eachTransactionCommitsHowFarItCame() {
    ReplayOffsets before =
        new ReplayOffsets(START.settled(), START.left(), START.lookFrom(), COMPLETE);
    ReplayVisitor feeding = feeding(before, "a");
    feeding.visit(deferred(3, "b"));
    feeding.visit(deferred(4, "a"));
    feeding.visit(deferred(5, "a"));
    feeding.visit(deferred(6, "a"));
    assertThat(committed())
        .as("after two records")
        .isEqualTo(
            Map.of(
                kafka(DEFERRED), new OffsetAndMetadata(6, "replay1;complete;3+1"),
                kafka(EVENTS), new OffsetAndMetadata(40)));
  }

  @Test
  void whatIsLeftInTooManyPlacesHoldsTheMarksBack() throws Exception {
    ReplayOffsets before =
        new ReplayOffsets(START.settled(), START.left(), START.lookFrom(), COMPLETE);
    ReplayVisitor feeding = feeding(before, "a");
    for (long offset = 3; offset < 3_003; offset++) {
      feeding.visit(deferred(offset, offset % 2 == 0 ? "a" : "b"));
    }
    finish(feeding);
    assertThat(committed()).as("and they are complete no more").isEqualTo(START.offsets());
  }

  @Test
  void whereAllIsFedBackTheMarksMoveOn() throws Exception {
    ReplayVisitor feeding = feeding();
    feeding.visit(deferred(3, new Origin("events", 0, 11)));
    finish(feeding);
    assertThat(committed().get(kafka(DEFERRED)))
        .isEqualTo(new OffsetAndMetadata(9, "replay1;complete;"));
  }

  private static Replay.Result finish(ReplayVisitor feeding) throws Exception {
    return feeding.finish(new TreeMap<>(Map.of(DEFERRED, 9L)), new TreeMap<>(Map.of(EVENTS, 50L)));
  }

  /** As the next run reads them. */
  private static ReplayOffsets read(Map<TopicPartition, OffsetAndMetadata> offsets, long end) {
    SortedMap<Partition, OffsetAndMetadata> committed = new TreeMap<>();
    offsets.forEach((p, offset) -> committed.put(Partitions.of(p), offset));
    return ReplayOffsets.of(committed, new TreeMap<>(), new TreeMap<>(Map.of(DEFERRED, end)));
  }

  private static TopicPartition kafka(Partition partition) {
    return Partitions.kafka(partition);
  }

  private Map<TopicPartition, OffsetAndMetadata> committed() {
    List<Map<String, Map<TopicPartition, OffsetAndMetadata>>> history =
        producer.consumerGroupOffsetsHistory();
    return history.get(history.size() - 1).getOrDefault(group().groupId(), Map.of());
  }

  private ReplayVisitor feeding() {
    return feeding(START, null);
  }

  private ReplayVisitor feeding(ReplayOffsets start, @Nullable String key) {
    return new ReplayVisitor(
        new ReplayProducer(producer, group()),
        new ReplayPolicy(
            new Properties(),
            "deferred",
            Set.of("events"),
            key,
            false,
            key == null ? 100 : 2,
            Duration.ofSeconds(1)),
        Clock.systemUTC(),
        new OriginSet(),
        Set.of(EVENTS),
        start);
  }

  private static ConsumerGroupMetadata group() {
    try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none")) {
      return consumer.groupMetadata();
    }
  }

  private static ReplayOffsets marks(long settled, long lookFrom) {
    SortedMap<Partition, Long> deferred = new TreeMap<>(Map.of(DEFERRED, settled));
    return new ReplayOffsets(
        deferred,
        new TreeMap<>(),
        new TreeMap<>(Map.of(EVENTS, lookFrom)),
        ReplayOffsets.Books.PARTIAL);
  }

  private static String value(ProducerRecord<byte[], byte[]> record) {
    return new String(record.value(), UTF_8);
  }

  private static ConsumerRecord<ByteBuffer, ByteBuffer> deferred(long offset, Origin origin) {
    return deferred(offset, "k", origin);
  }

  private static ConsumerRecord<ByteBuffer, ByteBuffer> deferred(long offset, String key) {
    return deferred(offset, key, new Origin("events", 0, offset));
  }

  private static ConsumerRecord<ByteBuffer, ByteBuffer> deferred(
      long offset, String key, Origin origin) {
    ConsumerRecord<ByteBuffer, ByteBuffer> record =
        new ConsumerRecord<>(
            "deferred",
            0,
            offset,
            ByteBuffer.wrap(key.getBytes(UTF_8)),
            ByteBuffer.wrap(("v" + offset).getBytes(UTF_8)));
    record.headers().add(Headers.ORIGIN, Headers.originBytes(origin));
    return record;
  }
}

package dev.sluice.ops.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is fed back of a deferred topic to which somebody else has written, too. */
class FeedingTest {

  private static final Partition DEFERRED = new Partition("deferred", 0);
  private static final Partition EVENTS = new Partition("events", 0);
  private static final Marks START = marks(3, 40);
  private static final Marks WHOLE = marks(9, 50);

  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

  @BeforeEach
  void openTransactionalId() {
    producer.initTransactions();
  }

  @Test
  void aRecordOfAnotherTopicIsPassedOverAndTheOthersAreFedBack() throws Exception {
    Feeding feeding = feeding();
    assertThat(feeding.visit(deferred(3, new Origin("events", 0, 11)))).isTrue();
    assertThat(feeding.visit(deferred(4, new Origin("payments", 0, 12)))).isTrue();
    assertThat(feeding.visit(deferred(5, new Origin("events", 0, 13)))).isTrue();

    assertThat(feeding.finish(WHOLE))
        .isEqualTo(new Replay.Result(2, 0, 0, 0, 0, new TreeMap<>(Map.of("payments", 1L))));
    assertThat(producer.history()).extracting(ProducerRecord::topic).containsOnly("events");
    assertThat(producer.history()).extracting(FeedingTest::value).containsExactly("v3", "v5");
  }

  @Test
  void whatIsPassedOverIsLeftForARunThatIsToldOfItsTopic() throws Exception {
    Feeding feeding = feeding();
    feeding.visit(deferred(3, new Origin("events", 0, 11)));
    feeding.visit(deferred(4, new Origin("more-events", 0, 12)));
    feeding.finish(WHOLE);
    assertThat(committed()).isEqualTo(START.offsets());
  }

  @Test
  void whereAllIsFedBackTheMarksMoveOn() throws Exception {
    Feeding feeding = feeding();
    feeding.visit(deferred(3, new Origin("events", 0, 11)));
    feeding.finish(WHOLE);
    assertThat(committed()).isEqualTo(WHOLE.offsets());
  }

  private Map<TopicPartition, OffsetAndMetadata> committed() {
    List<Map<String, Map<TopicPartition, OffsetAndMetadata>>> history =
        producer.consumerGroupOffsetsHistory();
    return history.get(history.size() - 1).getOrDefault(group().groupId(), Map.of());
  }

  private Feeding feeding() {
    return new Feeding(
        new Feed(producer, group()),
        new ReplayPolicy(
            new Properties(),
            "deferred",
            Set.of("events"),
            null,
            false,
            100,
            Duration.ofSeconds(1)),
        Clock.systemUTC(),
        new OriginSet(),
        Set.of(EVENTS),
        START);
  }

  private static ConsumerGroupMetadata group() {
    try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none")) {
      return consumer.groupMetadata();
    }
  }

  private static Marks marks(long settled, long lookFrom) {
    SortedMap<Partition, Long> deferred = new TreeMap<>(Map.of(DEFERRED, settled));
    return new Marks(deferred, new TreeMap<>(Map.of(EVENTS, lookFrom)));
  }

  private static String value(ProducerRecord<byte[], byte[]> record) {
    return new String(record.value(), UTF_8);
  }

  private static ConsumerRecord<ByteBuffer, ByteBuffer> deferred(long offset, Origin origin) {
    ConsumerRecord<ByteBuffer, ByteBuffer> record =
        new ConsumerRecord<>(
            "deferred",
            0,
            offset,
            ByteBuffer.wrap("k".getBytes(UTF_8)),
            ByteBuffer.wrap(("v" + offset).getBytes(UTF_8)));
    record.headers().add(Headers.ORIGIN, Headers.originBytes(origin));
    return record;
  }
}

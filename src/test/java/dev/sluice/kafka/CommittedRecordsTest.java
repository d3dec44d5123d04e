package dev.sluice.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.kafka.CommittedRecords.Count;
import dev.sluice.ledger.Partition;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Counting by Kafka's own consumer, in Kafka's own log format. */
class CommittedRecordsTest {

  private static final Partition ZERO = new Partition("events", 0);
  private static final Partition ONE = new Partition("events", 1);
  private static final int MOST = 6;
  private static final long ENDLESS = 1L << 40;

  /** Partition 0 holds records at 0-2, 4, 9-10; markers at 3, 5, 8, 11; aborted ones at 6, 7. */
  @ParameterizedTest
  @CsvSource({
    "11,0", // a marker
    "10,1", "5,2", // a marker, two aborted records, their marker
    "4,3", "0,6"
  })
  void onlyWhatAReaderIsGivenCounts(long from, long expected) throws Exception {
    try (CannedBroker broker = CannedBroker.start().topic("events", log(), new CannedLog())) {
      assertThat(count(broker, Map.of(ZERO, from), Map.of(ZERO, 12L)))
          .isEqualTo(new Count(expected, true));
    }
  }

  @ParameterizedTest
  @CsvSource({"6,6,true", "7,14,false"})
  void ofMoreThanAreCountedTheOffsetsAre(int transactions, long expected, boolean exact)
      throws Exception {
    CannedLog one = new CannedLog();
    for (int i = 0; i < transactions; i++) {
      one.committed(1);
    }
    try (CannedBroker broker = CannedBroker.start().topic("events", log(), one)) {
      assertThat(count(broker, Map.of(ONE, 0L), Map.of(ONE, one.end())))
          .isEqualTo(new Count(expected, exact));
    }
  }

  @Test
  void allPartitionsCountTogether() throws Exception {
    try (CannedBroker broker =
        CannedBroker.start().topic("events", log(), new CannedLog().records(3))) {
      assertThat(count(broker, Map.of(ZERO, 5L), Map.of(ZERO, 12L, ONE, 3L)))
          .isEqualTo(new Count(5, true));
    }
  }

  /** Aborted records, which no reader is shown, without an end. */
  @Test
  void whereNoRecordIsSeenInTimeTheirNumberIsNotKnown() {
    assertThatThrownBy(() -> count(endless(0), ENDLESS))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("no committed record", "events/0", "within 0 s", "aborted");
  }

  @Test
  void whereTimeIsOverTheOffsetsAreAtMostHowMany() throws Exception {
    assertThat(count(endless(2), ENDLESS)).isEqualTo(new Count(ENDLESS, false));
  }

  /** A reader that is slow with a few records is not reported to have many. */
  @Test
  void atMostHowManyIsNoMoreThanTheRangeHolds() throws Exception {
    MockConsumer<ByteBuffer, ByteBuffer> consumer = new MockConsumer<>("none");
    consumer.schedulePollTask(
        () ->
            consumer.addRecord(
                new ConsumerRecord<>(
                    "events", 0, 0, ByteBuffer.allocate(1), ByteBuffer.allocate(1))));
    assertThat(count(consumer, 4)).isEqualTo(new Count(4, false));
  }

  private static Count count(MockConsumer<ByteBuffer, ByteBuffer> consumer, long end)
      throws Exception {
    return new CommittedRecords(() -> consumer, Duration.ofSeconds(10))
        .count(
            new TreeMap<>(Map.of(ZERO, 0L)),
            new TreeMap<>(Map.of(ZERO, end)),
            MOST,
            Duration.ofMillis(50));
  }

  /** Some records, and then only the position moves; after some seconds it comes to an end. */
  private static MockConsumer<ByteBuffer, ByteBuffer> endless(int records) {
    TopicPartition partition = new TopicPartition("events", 0);
    long giveUp = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    MockConsumer<ByteBuffer, ByteBuffer> consumer = new MockConsumer<>("none");
    Runnable move =
        new Runnable() {
          private long position;

          @Override
          public void run() {
            if (position < records) {
              consumer.addRecord(
                  new ConsumerRecord<>(
                      "events", 0, position++, ByteBuffer.allocate(1), ByteBuffer.allocate(1)));
            } else {
              consumer.seek(partition, System.nanoTime() > giveUp ? ENDLESS : ++position);
            }
            consumer.schedulePollTask(this);
          }
        };
    consumer.schedulePollTask(move);
    return consumer;
  }

  private static CannedLog log() {
    return new CannedLog().committed(3).committed(1).aborted(2).committed(2);
  }

  private static Count count(
      CannedBroker broker, Map<Partition, Long> from, Map<Partition, Long> to) throws Exception {
    return new CommittedRecords(broker.client(), Duration.ofSeconds(10))
        .count(new TreeMap<>(from), new TreeMap<>(to), MOST, Duration.ofSeconds(60));
  }
}

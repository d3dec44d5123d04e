package dev.sluice.tool.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** From where a topic of evaluations has to be read; a record an hour. */
class EvaluationsTest {

  private static final TopicPartition PARTITION = new TopicPartition("evaluations", 0);
  private static final Instant FIRST = Instant.parse("2026-11-01T00:00:00Z");
  private static final int HOURS = 400;

  @Test
  void whatWasWrittenMoreThanADayBeforeIsNotRead() throws Exception {
    assertThat(start(Duration.ofSeconds(-30), FIRST.plus(Duration.ofHours(300))))
        .containsExactly(Map.entry(PARTITION, 276L));
  }

  @Test
  void evaluationsOfThePastAreAllRead() throws Exception {
    Duration yearsAgo = Duration.ofDays(-9_000);
    assertThat(start(yearsAgo, FIRST.plus(yearsAgo).plus(Duration.ofHours(300))))
        .as("everything was written after that")
        .containsExactly(Map.entry(PARTITION, 0L));
  }

  @Test
  void timesAheadOfTheWritingAreSeenAndAllIsRead() throws Exception {
    Duration ahead = Duration.ofDays(30);
    assertThat(start(ahead, FIRST.plus(ahead).plus(Duration.ofHours(100))))
        .as("it would begin behind the end")
        .isEmpty();
    assertThat(start(ahead, FIRST.plus(Duration.ofHours(300)))).isEmpty();
  }

  @Test
  void behindTheEndNothingIsRead() throws Exception {
    assertThat(start(Duration.ZERO, FIRST.plus(Duration.ofHours(HOURS + 48))))
        .containsExactly(Map.entry(PARTITION, (long) HOURS));
  }

  /**
   * @param ahead of the writing, of each outcome's time
   */
  private static Map<TopicPartition, Long> start(Duration ahead, Instant since) throws Exception {
    try (Hourly consumer = new Hourly(ahead)) {
      return Evaluations.start(consumer, List.of(PARTITION), since, new EvaluationReader());
    }
  }

  /** Kafka's own mock knows no times. */
  private static final class Hourly extends MockConsumer<byte[], byte[]> {

    private final List<Long> writtenMs = new ArrayList<>();

    Hourly(Duration ahead) {
      super("earliest");
      assign(List.of(PARTITION));
      updateBeginningOffsets(Map.of(PARTITION, 0L));
      updateEndOffsets(Map.of(PARTITION, (long) HOURS));
      seek(PARTITION, 0);
      for (int i = 0; i < HOURS; i++) {
        Instant written = FIRST.plus(Duration.ofHours(i));
        writtenMs.add(written.toEpochMilli());
        addRecord(record(i, written, written.plus(ahead)));
      }
    }

    @Override
    public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
        Map<TopicPartition, Long> wanted) {
      Map<TopicPartition, OffsetAndTimestamp> found = new HashMap<>();
      wanted.forEach(
          (partition, ms) -> {
            int offset = 0;
            while (offset < HOURS && writtenMs.get(offset) < ms) {
              offset++;
            }
            found.put(
                partition,
                offset == HOURS ? null : new OffsetAndTimestamp(offset, writtenMs.get(offset)));
          });
      return found;
    }

    private static ConsumerRecord<byte[], byte[]> record(
        int offset, Instant written, Instant time) {
      String json =
          """
          {"id":"f","key":"k","time":"%s","label":"a","servedBy":"challenger","delayMs":1,
           "champion":null,"challenger":{"scores":{"a":0.5,"b":0.5},"logLoss":0.7}}"""
              .formatted(time);
      return new ConsumerRecord<>(
          PARTITION.topic(),
          0,
          offset,
          written.toEpochMilli(),
          TimestampType.CREATE_TIME,
          0,
          0,
          new byte[0],
          json.getBytes(UTF_8),
          new RecordHeaders(),
          Optional.empty());
    }
  }
}

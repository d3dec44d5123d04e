package dev.sluice.tool.scoring;

import dev.sluice.tool.broker.CommittedTopic;
import dev.sluice.tool.broker.ReadingProgress;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Scores what an evaluations topic holds. */
public final class Evaluations {

  /** By how much the clocks of producers and brokers may differ. */
  private static final Duration SKEW = Duration.ofDays(1);

  /** How many offsets before a start are checked. */
  private static final int LOOKED_AT = 200;

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Properties client;
  private final String topic;

  /**
   * Evaluations in a topic.
   *
   * @param client properties of a Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public Evaluations(Properties client, String topic) {
    this.client = client;
    this.topic = topic;
  }

  /**
   * Which evaluations count.
   *
   * @param since from this time on; null for all
   * @param until before this time; null for all
   * @param byObservation whether these are times of the observation, not of the outcome
   */
  public record Span(@Nullable Instant since, @Nullable Instant until, boolean byObservation) {

    boolean contains(EvaluationRow judgement) {
      long timeMs = judgement.timeMs() - (byObservation ? judgement.delayMs() : 0);
      return (since == null || timeMs >= since.toEpochMilli())
          && (until == null || timeMs < until.toEpochMilli());
    }
  }

  /**
   * Reads what is committed now. Evaluations that were written more than a day before the span
   * begins are passed over unread: an outcome is known before it is evaluated. Where the topic
   * itself shows that times are ahead of the writing, all of it is read.
   *
   * @param every how long the spans of time are that are scored apart; null for none
   * @param keys how many keys are scored apart; 0 for none
   * @return empty if none counts
   * @throws IOException if the topic can't be read or holds something else
   */
  public Optional<Scoreboard.Result> score(
      Span span, @Nullable Duration every, int keys, ReadingProgress progress) throws IOException {
    Scoreboard scoreboard = new Scoreboard(every, span.byObservation(), keys);
    EvaluationReader reader = new EvaluationReader();
    Instant since = span.since();
    new CommittedTopic(client, topic)
        .read(
            since == null
                ? (consumer, all) -> Map.of()
                : (consumer, all) -> start(consumer, all, since, reader),
            progress,
            committed -> {
              EvaluationRow judgement = judgement(reader, committed);
              if (span.contains(judgement)) {
                scoreboard.add(judgement);
              }
            });
    return scoreboard.result();
  }

  /** Where to begin: nothing that counts is before it. */
  static Map<TopicPartition, Long> start(
      Consumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      Instant since,
      EvaluationReader reader)
      throws IOException {
    Map<TopicPartition, Long> start =
        CommittedTopic.since(since.minus(SKEW)).of(consumer, partitions);
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
    for (Map.Entry<TopicPartition, Long> one : start.entrySet()) {
      long first = Math.max(beginnings.getOrDefault(one.getKey(), 0L), one.getValue() - LOOKED_AT);
      if (first < one.getValue()
          && isAhead(consumer, one.getKey(), first, one.getValue(), since, reader)) {
        return Map.of();
      }
    }
    return start;
  }

  /** Whether the last evaluations that would be passed over belong to the span all the same. */
  private static boolean isAhead(
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long from,
      long to,
      Instant since,
      EvaluationReader reader)
      throws IOException {
    List<TopicPartition> others = new ArrayList<>(consumer.assignment());
    others.remove(partition);
    consumer.pause(others);
    consumer.seek(partition, from);
    Deadline deadline = Time.system().after(PATIENCE);
    boolean ahead = false;
    while (!ahead && consumer.position(partition) < to && !deadline.isOver()) {
      for (ConsumerRecord<byte[], byte[]> committed : consumer.poll(POLL)) {
        ahead |=
            committed.offset() < to
                && judgement(reader, committed).timeMs() >= since.toEpochMilli();
      }
    }
    boolean seen = consumer.position(partition) >= to;
    consumer.resume(others);
    return ahead || !seen;
  }

  private static EvaluationRow judgement(
      EvaluationReader reader, ConsumerRecord<byte[], byte[]> committed) throws IOException {
    try {
      return reader.read(committed.value());
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "%s/%s/%s is no evaluation: %s"
              .formatted(
                  committed.topic(), committed.partition(), committed.offset(), e.getMessage()),
          e);
    }
  }
}

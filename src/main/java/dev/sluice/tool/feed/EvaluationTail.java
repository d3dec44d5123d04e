package dev.sluice.tool.feed;

import dev.sluice.tool.broker.CommittedTopic;
import dev.sluice.tool.scoring.EvaluationReader;
import dev.sluice.tool.scoring.EvaluationRow;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Follows the evaluations from the topic's beginning and keeps the mean losses. Only what is
 * committed shows, so the figures move with the checkpoints. Used by one thread.
 */
final class EvaluationTail implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Consumer<byte[], byte[]> consumer;
  private final EvaluationReader reader = new EvaluationReader();
  private final Set<String> keys = new HashSet<>();
  private long n;
  private long withChampion;
  private double championLoss;
  private double challengerLoss;
  private double servedLoss;

  EvaluationTail(Properties client, String topic) throws IOException {
    consumer = CommittedTopic.consumer(client);
    try {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
    } catch (KafkaException e) {
      consumer.close();
      throw new IOException("%s can't be read: %s".formatted(topic, e.getMessage()), e);
    }
  }

  /**
   * The figures so far.
   *
   * @param n evaluations
   * @param keys of so many keys
   * @param champion its mean loss; NaN if it predicted nothing
   * @param challenger its mean loss; NaN before the first evaluation
   * @param served the mean loss of what was served; NaN before the first evaluation
   */
  record Losses(long n, int keys, double champion, double challenger, double served) {}

  /** Takes what has been committed by now, or as much of it as arrives in two seconds. */
  Losses follow() throws IOException {
    try {
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      Deadline deadline = Time.system().after(PATIENCE);
      while (!deadline.isOver()
          && ends.entrySet().stream()
              .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> committed : consumer.poll(POLL)) {
          take(reader.read(committed.value()));
        }
      }
    } catch (KafkaException e) {
      throw new IOException("the evaluations can't be read: " + e.getMessage(), e);
    }
    return new Losses(
        n, keys.size(), championLoss / withChampion, challengerLoss / n, servedLoss / n);
  }

  @Override
  public void close() {
    consumer.close();
  }

  private void take(EvaluationRow judgement) {
    EvaluationRow.@Nullable Said champion = judgement.champion();
    if (champion != null) {
      championLoss += champion.loss();
      withChampion++;
    }
    challengerLoss += judgement.challenger().loss();
    servedLoss += judgement.served().loss();
    keys.add(judgement.key());
    n++;
  }
}

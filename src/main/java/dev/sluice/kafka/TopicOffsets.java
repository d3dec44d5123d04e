package dev.sluice.kafka;

import dev.sluice.ledger.Partition;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks how far topics reach: for every partition that they have now, new ones included. May be used
 * by several threads; answers fail with Kafka's own exceptions.
 */
public final class TopicOffsets {

  private final Admin admin;

  /** Queries through the caller's client, which it does not close. */
  public TopicOffsets(Admin admin) {
    this.admin = admin;
  }

  /** The first offset that was not deleted yet. */
  public CompletableFuture<SortedMap<Partition, Long>> beginnings(Collection<String> topics) {
    return ask(topics, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
  }

  /** The high watermark: everything written before is below it. */
  public CompletableFuture<SortedMap<Partition, Long>> ends(Collection<String> topics) {
    return ask(topics, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
  }

  /** The last stable offset: every transaction with a record below it has ended. */
  public CompletableFuture<SortedMap<Partition, Long>> stableEnds(Collection<String> topics) {
    return ask(topics, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
  }

  /**
   * The first offset whose record is not older than a time; -1 where there is none.
   *
   * @param timeMs epoch milliseconds
   */
  public CompletableFuture<SortedMap<Partition, Long>> since(
      Collection<String> topics, long timeMs) {
    return ask(topics, OffsetSpec.forTimestamp(timeMs), IsolationLevel.READ_UNCOMMITTED);
  }

  private CompletableFuture<SortedMap<Partition, Long>> ask(
      Collection<String> topics, OffsetSpec which, IsolationLevel isolation) {
    return future(admin.describeTopics(topics).allTopicNames())
        .thenCompose(
            found ->
                future(
                    admin
                        .listOffsets(request(found, which), new ListOffsetsOptions(isolation))
                        .all()))
        .thenApply(TopicOffsets::byPartition);
  }

  private static <T> CompletableFuture<T> future(KafkaFuture<T> answer) {
    return answer.toCompletionStage().toCompletableFuture();
  }

  private static Map<TopicPartition, OffsetSpec> request(
      Map<String, TopicDescription> topics, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> request = new HashMap<>();
    topics.forEach(
        (topic, description) ->
            description
                .partitions()
                .forEach(p -> request.put(new TopicPartition(topic, p.partition()), which)));
    return request;
  }

  private static SortedMap<Partition, Long> byPartition(
      Map<TopicPartition, ListOffsetsResultInfo> answers) {
    SortedMap<Partition, Long> offsets = new TreeMap<>();
    answers.forEach((p, info) -> offsets.put(Partitions.of(p), info.offset()));
    return offsets;
  }
}

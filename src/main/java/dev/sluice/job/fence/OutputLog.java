package dev.sluice.job.fence;

import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Asks the brokers how far the output topics reach. May be used by several threads. */
final class OutputLog implements AutoCloseable {

  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final Admin admin;
  private final List<String> topics;
  private final Duration patience;

  OutputLog(FenceSettings settings) {
    this.admin = Admin.create(settings.clientProperties());
    this.topics = List.of(settings.outputTopics());
    this.patience = settings.patience();
  }

  /**
   * The last stable offset of each output partition, new partitions included: every transaction
   * with a record below it has ended.
   */
  CompletableFuture<SortedMap<Partition, Long>> stableEnds() {
    return offsets(OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
  }

  /** The high watermark of each output partition: whatever was written lies below it. */
  SortedMap<Partition, Long> ends() throws IOException, InterruptedException {
    return await(offsets(OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED));
  }

  /** The first offset of each output partition that was not deleted yet. */
  SortedMap<Partition, Long> beginnings() throws IOException, InterruptedException {
    return await(offsets(OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED));
  }

  /**
   * Waits for an answer.
   *
   * @throws IOException if there is none in time, or it is an error
   */
  <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          "the restore fence can't ask about the output topics %s: %s"
              .formatted(topics, e.getCause()),
          e);
    } catch (TimeoutException e) {
      throw new IOException(
          "the brokers did not tell the restore fence about the output topics %s within %s s"
              .formatted(topics, patience.toSeconds()),
          e);
    }
  }

  /** For questions about transactions. */
  Admin admin() {
    return admin;
  }

  private CompletableFuture<SortedMap<Partition, Long>> offsets(
      OffsetSpec which, IsolationLevel isolation) {
    return future(admin.describeTopics(topics).allTopicNames())
        .thenCompose(
            found ->
                future(
                    admin
                        .listOffsets(request(found, which), new ListOffsetsOptions(isolation))
                        .all()))
        .thenApply(OutputLog::byPartition);
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
    answers.forEach((p, info) -> offsets.put(partition(p), info.offset()));
    return offsets;
  }

  static Partition partition(TopicPartition partition) {
    return new Partition(partition.topic(), partition.partition());
  }

  static TopicPartition topicPartition(Partition partition) {
    return new TopicPartition(partition.topic(), partition.partition());
  }

  @Override
  public void close() {
    admin.close(CLOSE);
  }
}

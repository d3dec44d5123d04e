package dev.sluice.support.cluster;

import dev.sluice.support.Eventually;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a job's output topics reach.
 *
 * @param broker bootstrap servers
 * @param topics the job's
 */
public record OutputEnds(String broker, JobTopics topics) {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** Waits until no transaction is open in them. */
  public void awaitStable() {
    Eventually.until(
        "no transaction is open in " + topics.outputs(),
        LIMIT,
        () -> sum(IsolationLevel.READ_COMMITTED) == sum(IsolationLevel.READ_UNCOMMITTED));
  }

  /** The sum of all high watermarks, or of all last stable offsets. */
  public long sum(IsolationLevel isolation) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
      Map<TopicPartition, OffsetSpec> latest =
          admin.describeTopics(topics.outputs()).allTopicNames().get().values().stream()
              .flatMap(
                  topic ->
                      topic.partitions().stream()
                          .map(info -> new TopicPartition(topic.name(), info.partition())))
              .collect(Collectors.toMap(partition -> partition, p -> OffsetSpec.latest()));
      return admin
          .listOffsets(latest, new ListOffsetsOptions(isolation))
          .all()
          .get()
          .values()
          .stream()
          .mapToLong(end -> end.offset())
          .sum();
    }
  }
}

package dev.sluice.support.cluster;

import dev.sluice.support.Eventually;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/** How far a consumer group's committed offsets are behind a topic's end. */
public final class Lag {

  private Lag() {}

  /** Waits until the group has committed the end of every partition that has any record. */
  public static void awaitNone(
      String bootstrapServers, String group, String topic, Duration limit) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      Eventually.until(
          "group %s to have read all of %s".formatted(group, topic),
          limit,
          () -> of(admin, group, topic) == 0);
    }
  }

  /** The offset behind the last record of each of the topic's partitions. */
  static Map<TopicPartition, Long> ends(String bootstrapServers, String topic)
      throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      return ends(admin, topic);
    }
  }

  private static Map<TopicPartition, Long> ends(Admin admin, String topic)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (TopicDescription description :
        admin.describeTopics(List.of(topic)).allTopicNames().get().values()) {
      for (TopicPartitionInfo info : description.partitions()) {
        latest.put(new TopicPartition(topic, info.partition()), OffsetSpec.latest());
      }
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin
        .listOffsets(latest)
        .all()
        .get()
        .forEach((partition, end) -> ends.put(partition, end.offset()));
    return ends;
  }

  private static long of(Admin admin, String group, String topic)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    return ends(admin, topic).entrySet().stream()
        .mapToLong(
            end -> {
              OffsetAndMetadata offset = committed.get(end.getKey());
              return end.getValue() - (offset == null ? 0 : offset.offset());
            })
        .sum();
  }
}

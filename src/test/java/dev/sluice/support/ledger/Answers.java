package dev.sluice.support.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.support.cluster.JobTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** The contents of a job's output topics. */
public final class Answers {

  private static final Duration QUIET = Duration.ofSeconds(1);

  private Answers() {}

  /** The reason of every dead letter, by the place of its input. */
  public static Map<Place, String> reasons(String bootstrapServers, String deadLetters) {
    Map<Place, String> reasons = new TreeMap<>(Place.ORDER);
    new KafkaTap(bootstrapServers, QUIET)
        .read(
            List.of(deadLetters),
            record ->
                reasons.put(
                    Place.parse(Ledger.header(record, "sluice-origin")).orElseThrow(),
                    Objects.requireNonNull(Ledger.header(record, "sluice-reason"))));
    return reasons;
  }

  /**
   * Compares the predictions and evaluations of two jobs over the same input, byte for byte.
   *
   * @return the first few that differ, in words
   */
  public static List<String> differences(String bootstrapServers, JobTopics one, JobTopics other) {
    Map<String, String> left = byOrigin(bootstrapServers, one);
    Map<String, String> right = byOrigin(bootstrapServers, other);
    List<String> differences = new ArrayList<>();
    if (left.size() != right.size()) {
      differences.add("%s answers and %s".formatted(left.size(), right.size()));
    }
    left.forEach(
        (origin, value) -> {
          if (differences.size() < 3 && !value.equals(right.get(origin))) {
            differences.add("%s: %s and %s".formatted(origin, value, right.get(origin)));
          }
        });
    return differences;
  }

  /** Waits until so many records are committed, or {@code limit} has passed. */
  public static void awaitCount(String bootstrapServers, String topic, long count, Duration limit) {
    new KafkaTap(bootstrapServers, QUIET).readUntil(List.of(topic), count, limit);
  }

  /** Deletes the older half of the first partition, as a retention set too short would. */
  public static void dropOlderHalf(String bootstrapServers, String topic)
      throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      TopicPartition partition = new TopicPartition(topic, 0);
      long end =
          admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get().values().stream()
              .findFirst()
              .orElseThrow()
              .offset();
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(end / 2))).all().get();
    }
  }

  private static Map<String, String> byOrigin(String bootstrapServers, JobTopics topics) {
    Map<String, String> answers = new HashMap<>();
    new KafkaTap(bootstrapServers, QUIET)
        .read(
            List.of(topics.predictions(), topics.evaluations()),
            record ->
                answers.put(
                    Objects.requireNonNull(Ledger.header(record, "sluice-origin")),
                    new String(record.value(), UTF_8)));
    return answers;
  }
}

package dev.sluice.support.cluster;

import dev.sluice.support.Eventually;
import dev.sluice.support.ledger.OutputKind;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The topics of one job under test.
 *
 * @param events the input topic
 * @param predictions answers to observations
 * @param evaluations answers to outcomes
 * @param deferred observations put off
 * @param deadLetters what can't be used
 * @param control control commands, one partition
 * @param controlLog their answers
 */
public record JobTopics(
    String events,
    String predictions,
    String evaluations,
    String deferred,
    String deadLetters,
    String control,
    String controlLog) {

  private static final int MAX_INPUT_BYTES = 8 << 20;
  private static final int MAX_OUTPUT_BYTES = 9 << 20;

  /** Topics of a job's own, all beginning with {@code name}. */
  public static JobTopics named(String name) {
    return reading(name + ".events", name);
  }

  /** Output topics beginning with {@code name}, for a job that reads another one's input. */
  public static JobTopics reading(String events, String name) {
    return new JobTopics(
        events,
        name + ".predictions",
        name + ".evaluations",
        name + ".deferred",
        name + ".dead-letters",
        name + ".control",
        name + ".control-log");
  }

  /** The output topics. */
  public List<String> outputs() {
    return List.of(predictions, evaluations, deferred, deadLetters, controlLog);
  }

  /** The kind of answer that an output topic holds. */
  public OutputKind kindOf(String topic) {
    return Objects.requireNonNull(
        Map.of(
                predictions, OutputKind.PREDICTION,
                evaluations, OutputKind.EVALUATION,
                deferred, OutputKind.DEFERRAL,
                deadLetters, OutputKind.DEAD_LETTER,
                controlLog, OutputKind.CONTROL_ANSWER)
            .get(topic),
        topic);
  }

  /** Creates those that don't exist yet, the inputs and outputs with this many partitions. */
  public JobTopics create(String bootstrapServers, int partitions)
      throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      Collection<String> existing = admin.listTopics().names().get();
      List<NewTopic> missing =
          Stream.concat(Stream.of(events, control), outputs().stream())
              .filter(topic -> !existing.contains(topic))
              .map(
                  topic ->
                      newTopic(
                          topic,
                          topic.equals(control) ? 1 : partitions,
                          topic.equals(events) ? MAX_INPUT_BYTES : MAX_OUTPUT_BYTES))
              .toList();
      admin.createTopics(missing).all().get();
      awaitLogs(admin, missing);
    }
    return this;
  }

  /**
   * A partition that is created but has no log yet refuses a producer's first batch and may take
   * its second, and then never the first again: no producer may write before every log answers.
   */
  private static void awaitLogs(Admin admin, List<NewTopic> created) {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (NewTopic topic : created) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    Eventually.until(
        "every log of " + ends.keySet() + " answers",
        Duration.ofSeconds(60),
        () -> admin.listOffsets(ends).all().get().size() == ends.size());
  }

  /** The settings that point a job at these topics. */
  Map<String, String> settings() {
    return Map.of(
        "sluice.topics.events", events,
        "sluice.topics.predictions", predictions,
        "sluice.topics.evaluations", evaluations,
        "sluice.topics.deferred", deferred,
        "sluice.topics.dead-letters", deadLetters,
        "sluice.topics.control", control,
        "sluice.topics.control-log", controlLog);
  }

  private static NewTopic newTopic(String topic, int partitions, int maxBytes) {
    return new NewTopic(topic, partitions, (short) 1)
        .configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxBytes)));
  }
}

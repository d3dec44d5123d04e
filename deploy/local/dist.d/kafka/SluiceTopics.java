import static java.util.Map.entry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Makes the topics that a local broker lacks: {@code java SluiceTopics BOOTSTRAP_SERVERS}. Prints the
 * names of those that it made, one a line; exits non-zero with a stack trace when the broker can't be
 * reached within a minute.
 */
final class SluiceTopics {
  private static final String MIB_8 = Integer.toString(8 << 20);
  private static final String MIB_10 = Integer.toString(10 << 20);

  /** A dead letter is the event's bytes and headers that say why, so it may be larger than an event. */
  private static final List<NewTopic> TOPICS =
      List.of(
          topic("sluice.events", 4, MIB_8),
          topic("sluice.predictions", 4, MIB_8),
          topic("sluice.evaluations", 4, MIB_8),
          topic("sluice.deferred", 4, MIB_10),
          topic("sluice.dead-letters", 4, MIB_10),
          topic("sluice.control", 1, MIB_8),
          topic("sluice.control-log", 4, MIB_8));

  private SluiceTopics() {}

  private static NewTopic topic(String name, int partitions, String maxMessageBytes) {
    return new NewTopic(name, Optional.of(partitions), Optional.empty())
        .configs(new TreeMap<>(Map.ofEntries(entry("max.message.bytes", maxMessageBytes))));
  }

  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("default.api.timeout.ms", "60000");
    try (Admin admin = Admin.create(properties)) {
      Set<String> present = admin.listTopics().names().get(60, TimeUnit.SECONDS);
      List<NewTopic> absent = TOPICS.stream().filter(t -> !present.contains(t.name())).toList();
      admin.createTopics(absent).all().get(60, TimeUnit.SECONDS);
      awaitLogs(admin);
      absent.forEach(topic -> System.out.println(topic.name()));
    }
  }

  /**
   * A partition that is created but has no log yet refuses a producer's first batch and may take its
   * second, and then never the first again: no producer may write before every log answers.
   */
  private static void awaitLogs(Admin admin) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (NewTopic topic : TOPICS) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        admin.listOffsets(ends).all().get(60, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }
}

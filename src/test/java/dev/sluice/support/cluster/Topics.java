package dev.sluice.support.cluster;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Topics for one test on a shared broker. */
public final class Topics {
  private static final int SECONDS = 60;

  private Topics() {}

  /**
   * Creates topics that take records of up to 10 MiB.
   *
   * @param partitions the number of partitions by topic name
   * @throws AssertionError if the broker refuses, as it does for a topic that exists
   */
  public static void create(LocalCluster cluster, Map<String, Integer> partitions) {
    List<NewTopic> topics =
        partitions.entrySet().stream()
            .map(topic -> newTopic(topic.getKey(), topic.getValue()))
            .toList();
    ask(cluster, "create " + partitions, admin -> admin.createTopics(topics).all()::get);
  }

  /** The names of all topics but the broker's own. */
  public static Set<String> names(LocalCluster cluster) {
    return ask(cluster, "list topics", admin -> admin.listTopics().names()::get);
  }

  private static NewTopic newTopic(String name, int partitions) {
    return new NewTopic(name, Optional.of(partitions), Optional.empty())
        .configs(Map.of("max.message.bytes", Integer.toString(10 << 20)));
  }

  private static <T> T ask(LocalCluster cluster, String what, Question<T> question) {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", cluster.bootstrapServers(), "default.api.timeout.ms", 60_000);
    try (Admin admin = Admin.create(properties)) {
      return question.put(admin).get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("can't " + what + " at " + cluster.bootstrapServers(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + what, e);
    }
  }

  @FunctionalInterface
  private interface Question<T> {
    Answer<T> put(Admin admin);
  }

  @FunctionalInterface
  private interface Answer<T> {
    T get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException;
  }
}

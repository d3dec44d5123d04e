package dev.sluice.job;

import dev.sluice.fence.FenceMode;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SluiceOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.jspecify.annotations.Nullable;

/**
 * What the job's user lacks on its topics, as far as the brokers report it. A right to write that
 * is missing would fail the job with the first record for that topic, which may come after hours,
 * and again after every restart. Used by one thread.
 */
final class TopicRights {

  private final JobSettings settings;
  private final SortedMap<AclOperation, Set<String>> missing = new TreeMap<>();

  TopicRights(JobSettings settings) {
    this.settings = settings;
  }

  /**
   * Takes what is reported of a topic.
   *
   * @param may what the user may do with it; null if the brokers do not report it. A set without
   *     Describe is no information either: the broker has just described the topic to this user, so
   *     it does not list what its authorizer allows
   */
  void add(String topic, @Nullable Set<AclOperation> may) {
    if (may == null || !may.contains(AclOperation.DESCRIBE)) {
      return;
    }
    for (AclOperation needed : needed(topic)) {
      if (!may.contains(needed)) {
        missing.computeIfAbsent(needed, operation -> new TreeSet<>()).add(topic);
      }
    }
  }

  /** The restore fence reads what was committed. */
  private Set<AclOperation> needed(String topic) {
    if (!settings.topics().outputs().containsValue(topic)) {
      return EnumSet.of(AclOperation.READ);
    }
    return settings.sink().fence().mode() == FenceMode.OFF
        ? EnumSet.of(AclOperation.WRITE)
        : EnumSet.of(AclOperation.READ, AclOperation.WRITE);
  }

  /** What is missing, and the commands that give it; empty if nothing is. */
  Optional<String> refusal() {
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    List<String> lacks = new ArrayList<>();
    List<String> commands = new ArrayList<>();
    missing.forEach(
        (operation, topics) -> {
          lacks.add((operation == AclOperation.READ ? "read " : "write to ") + topics);
          commands.add(
              "'kafka-acls.sh --add --allow-principal User:… --operation %s%s'"
                  .formatted(named(operation), arguments(topics)));
        });
    return Optional.of(
        ("the user of %s = (%s) may not %s, and the job would fail as soon as it has to, and again after every "
                + "restart; give it the right: %s (deploy/secured-kafka.md lists what the job needs), or name another "
                + "user in %s*")
            .formatted(
                SluiceOptions.BOOTSTRAP_SERVERS.key(),
                settings.kafka().bootstrapServers(),
                String.join(", and may not ", lacks),
                String.join(" and ", commands),
                SluiceOptions.KAFKA_PROPERTIES));
  }

  /** As in Read. */
  private static String named(AclOperation operation) {
    return operation.name().charAt(0) + operation.name().substring(1).toLowerCase(Locale.ROOT);
  }

  private static String arguments(Collection<String> topics) {
    return topics.stream().map(topic -> " --topic " + topic).collect(Collectors.joining());
  }
}

package dev.sluice.tool.replay;

import dev.sluice.event.Origin;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is to be replayed.
 *
 * @param client properties of a Kafka client; may hold secrets
 * @param deferred the topic of deferred records
 * @param inputs the job's input topics, the only ones that are written to
 * @param key only records with this key; null for all
 * @param firstTime whether nothing of the topic was replayed before, if that is not known any more
 * @param batch records a transaction, at least 1
 * @param patience the longest wait for the brokers
 */
public record ReplayPolicy(
    Properties client,
    String deferred,
    Set<String> inputs,
    @Nullable String key,
    boolean firstTime,
    int batch,
    Duration patience) {

  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
  private static final int MOST_TOLD = 20;

  public ReplayPolicy {
    if (batch < 1) {
      throw new IllegalArgumentException("batch (%s) must be at least 1".formatted(batch));
    }
    inputs = Set.copyOf(inputs);
  }

  /**
   * Whether a record may be written to the topic that it names. Which topic it came from is named
   * by a header, and anyone who may write to the deferred topic could use it to have any topic
   * written to by a user with more rights.
   *
   * @param origin what the header says
   */
  boolean isOfTheJob(Origin origin) {
    return inputs.contains(origin.topic());
  }

  /**
   * How a topic that a header names is shown to people: whatever is written there, it fits a
   * terminal, and there are only a few.
   *
   * @param reported those that were reported already
   */
  String nameOf(Origin origin, Set<String> reported) {
    String topic = origin.topic();
    if (isOfTheJob(origin) || reported.contains(topic)) {
      return topic;
    }
    if (!TOPIC.matcher(topic).matches()) {
      return "(no topic's name)";
    }
    return reported.size() < MOST_TOLD ? topic : "(others)";
  }

  /**
   * Refuses a run in which every record names other topics than the job's: then the job's topics
   * were most likely not named.
   *
   * @param named by the records' headers, all of them
   * @throws IOException naming the others
   */
  void refuseOtherTopics(Set<String> named) throws IOException {
    if (!named.isEmpty() && named.stream().noneMatch(inputs::contains)) {
      throw new IOException(
          RefusalCode.REPLAY_OTHER_TOPICS.in(
              ("all records of %s name %s as the topics that they came from, and the job reads %s; none was "
                      + "replayed. If it reads those, name all of its input topics with --events; if not, "
                      + "somebody else "
                      + "has written these records: find out who may write to %s")
                  .formatted(deferred, new TreeSet<>(named), new TreeSet<>(inputs), deferred)));
    }
  }

  /** The transactional id and the consumer group: one for each topic, so that one run fences. */
  String name() {
    return deferred + "-replay";
  }

  @Override
  public String toString() {
    return "ReplayPolicy[%s, key %s]".formatted(deferred, key);
  }
}

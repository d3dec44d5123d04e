package dev.sluice.job;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.api.common.ExecutionConfig.GlobalJobParameters;
import org.apache.flink.configuration.ConfigOption;
import org.jspecify.annotations.Nullable;

/**
 * What a running job tells of its settings over Flink's REST interface, so that nobody has to say
 * again how to reach it: all but those that may hold secrets.
 */
public final class PublishedSettings extends GlobalJobParameters {

  /** The version of the job's jar, published beside its settings. */
  public static final String VERSION = "sluice-version";

  private static final long serialVersionUID = 1L;

  private final TreeMap<String, String> published;

  private PublishedSettings(Map<String, String> published) {
    this.published = new TreeMap<>(published);
  }

  static PublishedSettings of(Map<String, String> flat) {
    Map<String, String> published = withoutSecrets(flat);
    String version = PublishedSettings.class.getPackage().getImplementationVersion();
    published.put(VERSION, version == null ? "unpackaged" : version);
    return new PublishedSettings(published);
  }

  /** Settings that anybody may see. */
  public static SortedMap<String, String> withoutSecrets(Map<String, String> flat) {
    SortedMap<String, String> open = new TreeMap<>(flat);
    open.keySet().removeIf(key -> key.startsWith(SluiceOptions.KAFKA_PROPERTIES));
    open.remove(EnrichOptions.TOKEN.key());
    return open;
  }

  /** Settings that name a place which the operator's secrets are sent to by a job that runs. */
  public static List<String> places() {
    return List.of(SluiceOptions.BOOTSTRAP_SERVERS.key(), EnrichOptions.URL.key());
  }

  /** Of these, the ones that this tool itself sends secrets to. */
  public static List<String> brokers() {
    return List.of(SluiceOptions.BOOTSTRAP_SERVERS.key());
  }

  /** Whether they are of a job of this program; any other job may run on the same cluster. */
  public static boolean isOfSluice(Map<String, String> published) {
    return published.containsKey(VERSION);
  }

  /** The transactional-id prefix of a running job. */
  public static String transactionalIdPrefix(Map<String, String> published) {
    return published.getOrDefault(
        SluiceOptions.TRANSACTIONAL_ID_PREFIX.key(),
        SluiceOptions.TRANSACTIONAL_ID_PREFIX.defaultValue());
  }

  /** The topics that a running job reads, whatever release of the job it is. */
  public static Set<String> inputTopics(Map<String, String> published) {
    Set<String> topics = new TreeSet<>();
    for (ConfigOption<String> option : List.of(SluiceOptions.EVENTS, SluiceOptions.CONTROL)) {
      String named = published.getOrDefault(option.key(), option.defaultValue());
      for (String topic : named.split(",", -1)) {
        topics.add(topic.trim());
      }
    }
    return topics;
  }

  /** The topics that a running job writes to, whatever release of the job it is. */
  public static Set<String> outputTopics(Map<String, String> published) {
    Set<String> topics = new TreeSet<>();
    for (ConfigOption<String> topic :
        List.of(
            SluiceOptions.PREDICTIONS,
            SluiceOptions.EVALUATIONS,
            SluiceOptions.DEFERRED,
            SluiceOptions.DEAD_LETTERS,
            SluiceOptions.CONTROL_LOG)) {
      topics.add(published.getOrDefault(topic.key(), topic.defaultValue()).trim());
    }
    return topics;
  }

  @Override
  public Map<String, String> toMap() {
    return published;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PublishedSettings that && published.equals(that.published);
  }

  @Override
  public int hashCode() {
    return published.hashCode();
  }
}

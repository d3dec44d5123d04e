package dev.sluice.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.flink.api.common.ExecutionConfig.GlobalJobParameters;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What a running job publishes of its settings over Flink's REST interface, so that no one has to
 * specify again how to reach it: all but those that may hold secrets.
 */
public final class PublishedSettings extends GlobalJobParameters {

  /** The version of the job's jar, published with its settings. */
  public static final String VERSION = "sluice-version";

  /** The id of the Kafka cluster that the job's clients reach, published with its settings. */
  public static final String KAFKA_CLUSTER_ID = "sluice-kafka-cluster-id";

  private static final String SETTINGS = "sluice.";

  /** Kafka makes an id of 22 letters, digits, - and _; other makes of brokers are freer. */
  private static final Pattern CLUSTER_ID = Pattern.compile("[!-~]{1,200}");

  private static final long serialVersionUID = 1L;

  private final TreeMap<String, String> published;

  private PublishedSettings(Map<String, String> published) {
    this.published = new TreeMap<>(published);
  }

  /**
   * What a job publishes.
   *
   * @param flat its settings
   * @param kafkaClusterId as its brokers report it at its start; empty if they do not
   */
  public static PublishedSettings of(Map<String, String> flat, String kafkaClusterId) {
    Map<String, String> published = withoutSecrets(flat);
    if (!kafkaClusterId.isEmpty()) {
      published.put(KAFKA_CLUSTER_ID, kafkaClusterId);
    }
    String version = PublishedSettings.class.getPackage().getImplementationVersion();
    published.put(VERSION, version == null ? "unpackaged" : version);
    return new PublishedSettings(published);
  }

  /** The settings alone of what a running job publishes, whatever else its release adds. */
  public static SortedMap<String, String> settingsAlone(Map<String, String> published) {
    SortedMap<String, String> settings = new TreeMap<>(published);
    settings.keySet().removeIf(key -> !key.startsWith(SETTINGS));
    return settings;
  }

  /** The id of a running job's Kafka cluster; empty if it publishes none, or none that is one. */
  public static String kafkaClusterId(Map<String, String> published) {
    String id = published.getOrDefault(KAFKA_CLUSTER_ID, "");
    return CLUSTER_ID.matcher(id).matches() ? id : "";
  }

  /** Settings that anyone may see. */
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

  /**
   * What may be specified in addition to the settings of a running job: its secrets, and the places
   * at which the operator reaches what it names. All else is what the job runs with, whatever is in
   * a file that may be another job's, or meant for the next start. A key that no setting has stays,
   * to be refused.
   */
  public static SortedMap<String, String> additions(Map<String, String> own) {
    SortedMap<String, String> additions = new TreeMap<>(own);
    additions.keySet().removeIf(key -> option(key).isPresent() && !isAddition(key));
    return additions;
  }

  /**
   * Which settings are given otherwise than a job runs with them; a clause each.
   *
   * @param published by the job
   * @param own what the operator gives
   */
  public static List<String> differences(Map<String, String> published, Map<String, String> own) {
    List<String> differences = new ArrayList<>();
    for (Map.Entry<String, String> given : new TreeMap<>(own).entrySet()) {
      String key = given.getKey();
      Optional<ConfigOption<?>> option = option(key);
      if (option.isPresent() && !isAddition(key) && !isSame(option.get(), published, own)) {
        Object fallback = option.get().defaultValue();
        differences.add(
            "%s is (%s), not (%s)"
                .formatted(
                    key,
                    published.getOrDefault(key, fallback == null ? "" : String.valueOf(fallback)),
                    given.getValue()));
      }
    }
    return differences;
  }

  private static boolean isAddition(String key) {
    return places().contains(key) || withoutSecrets(Map.of(key, "")).isEmpty();
  }

  private static Optional<ConfigOption<?>> option(String key) {
    return SluiceOptions.ALL.stream()
        .filter(option -> option.key().equals(key))
        .<ConfigOption<?>>map(option -> option)
        .findFirst();
  }

  /** Whether a setting has one value in both, however it is written. */
  private static <T> boolean isSame(
      ConfigOption<T> option, Map<String, String> one, Map<String, String> other) {
    try {
      return Objects.equals(
          trimmed(Configuration.fromMap(one).get(option)),
          trimmed(Configuration.fromMap(other).get(option)));
    } catch (IllegalArgumentException e) { // It is none that a job runs with.
      return false;
    }
  }

  private static @Nullable Object trimmed(@Nullable Object value) {
    return value instanceof String text ? text.trim() : value;
  }

  /** Whether they are of a job of this program; any other job may run on the same cluster. */
  public static boolean isOfSluice(Map<String, String> published) {
    return published.containsKey(VERSION);
  }

  /** Whether models of a running job expire. */
  public static boolean expiresModels(Map<String, String> published) {
    return !published.getOrDefault(SluiceOptions.EXPIRE_AFTER.key(), "").isBlank();
  }

  /** The brokers that a running job names, and those that an operator's settings name. */
  public static Set<String> servers(Map<String, String> settings) {
    return names(settings, List.of(SluiceOptions.BOOTSTRAP_SERVERS));
  }

  /** The transactional-id prefix of a running job. */
  public static String transactionalIdPrefix(Map<String, String> published) {
    return value(published, SluiceOptions.TRANSACTIONAL_ID_PREFIX);
  }

  /** The same where it is published; empty where it is not. */
  public static Optional<String> ownTransactionalIdPrefix(Map<String, String> published) {
    return Optional.ofNullable(published.get(SluiceOptions.TRANSACTIONAL_ID_PREFIX.key()));
  }

  /** The topics that a running job reads, whatever release of the job it is. */
  public static Set<String> inputTopics(Map<String, String> published) {
    return names(published, List.of(SluiceOptions.EVENTS, SluiceOptions.CONTROL));
  }

  /** The topic that a running job takes commands from. */
  public static String controlTopic(Map<String, String> published) {
    return value(published, SluiceOptions.CONTROL).trim();
  }

  /** The topic that a running job answers commands in. */
  public static String controlLog(Map<String, String> published) {
    return value(published, SluiceOptions.CONTROL_LOG).trim();
  }

  /** The topics that a running job writes to, whatever release of the job it is. */
  public static Set<String> outputTopics(Map<String, String> published) {
    return names(
        published,
        List.of(
            SluiceOptions.PREDICTIONS,
            SluiceOptions.EVALUATIONS,
            SluiceOptions.DEFERRED,
            SluiceOptions.DEAD_LETTERS,
            SluiceOptions.CONTROL_LOG));
  }

  /** All that some settings name, each one or several. */
  private static Set<String> names(
      Map<String, String> settings, List<ConfigOption<String>> options) {
    Set<String> names = new TreeSet<>();
    for (ConfigOption<String> option : options) {
      Arrays.stream(value(settings, option).split(",", -1)).map(String::trim).forEach(names::add);
    }
    return names;
  }

  private static String value(Map<String, String> settings, ConfigOption<String> option) {
    return settings.getOrDefault(option.key(), option.defaultValue());
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

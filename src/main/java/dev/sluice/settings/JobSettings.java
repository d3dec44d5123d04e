package dev.sluice.settings;

import dev.sluice.codec.InputRules;
import dev.sluice.enrich.EnrichSettings;
import dev.sluice.event.OutputTopic;
import dev.sluice.fence.FenceMode;
import dev.sluice.fence.FenceSettings;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.PageHinkley;
import dev.sluice.state.WriteBackState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a job, read and checked.
 *
 * @param jobName the name in Flink
 * @param kafka what both ends of the pipeline share
 * @param eventTopics input topics, at least one
 * @param outputTopics a topic for each kind of answer, all different
 * @param controlTopic where control commands come from
 * @param startAtEarliest where a start without a savepoint begins to read
 * @param skipDeletedInputs whether to continue when unanswered inputs are deleted
 * @param outcomeTimeout how long one half of an event waits for the other
 * @param input the rules for events
 * @param cache models that each task caches
 * @param expireAfter how long a model lives without an event of its key, null for no expiry
 * @param model what is learned and served, and how
 * @param drift when a key's losses have become larger
 * @param championUri the champion's file, null for none
 * @param championVersion its number
 * @param sink how answers are written
 * @param fence what a start or restore does about answers that are there already
 * @param enrich where observations get more features, null for nowhere
 */
public record JobSettings(
    String jobName,
    Kafka kafka,
    List<String> eventTopics,
    Map<OutputTopic, String> outputTopics,
    String controlTopic,
    boolean startAtEarliest,
    boolean skipDeletedInputs,
    Duration outcomeTimeout,
    Input input,
    WriteBackState.Limit cache,
    @Nullable Duration expireAfter,
    ModelSettings model,
    PageHinkley.Settings drift,
    @Nullable String championUri,
    int championVersion,
    Sink sink,
    Fence fence,
    @Nullable EnrichSettings enrich) {

  /**
   * How to reach Kafka.
   *
   * @param bootstrapServers host:port, separated by commas
   * @param groupId for lag monitors
   * @param properties handed to every Kafka client; may hold secrets
   */
  public record Kafka(String bootstrapServers, String groupId, Map<String, String> properties) {

    /** A client's properties: ours and the user's. */
    public Properties clientProperties() {
      Properties all = new Properties();
      all.putAll(properties);
      all.put("bootstrap.servers", bootstrapServers);
      return all;
    }

    @Override
    public String toString() {
      return "Kafka[%s, group %s, properties %s]"
          .formatted(bootstrapServers, groupId, properties.keySet());
    }
  }

  /**
   * What is asked of an event.
   *
   * @param rules an event that breaks one is a dead letter
   * @param toleranceMs how far its time may be from its record's without being counted
   */
  public record Input(InputRules rules, long toleranceMs) {}

  /**
   * How answers are written.
   *
   * @param guarantee exactly-once unless downstream can do with less
   * @param transactionTimeout when the broker gives up on a transaction
   * @param transactionalIdPrefix unique to the job
   */
  public record Sink(
      DeliveryGuarantee guarantee, Duration transactionTimeout, String transactionalIdPrefix) {}

  /**
   * What a start or restore does about answers that are there already.
   *
   * @param mode off without transactions, whatever the settings say
   * @param patience how long it waits for an open transaction
   * @param overExistingOutput whether a start without a snapshot may answer again
   */
  public record Fence(FenceMode mode, Duration patience, boolean overExistingOutput) {}

  /**
   * Reads and checks flat settings.
   *
   * @throws SettingsException at the first key that is unknown or value that can't be
   */
  public static JobSettings of(Map<String, String> settings) {
    SettingsReader read = new SettingsReader(settings);
    read.refuseUnknownKeys();
    String championUri = read.optional(SluiceOptions.CHAMPION_URI).orElse(null);
    Sink sink = sink(read);
    Kafka kafka = kafka(read, settings);
    new KafkaClients(kafka, sink).check();
    return new JobSettings(
        read.text(SluiceOptions.JOB_NAME),
        kafka,
        read.list(SluiceOptions.EVENTS),
        outputTopics(read),
        read.text(SluiceOptions.CONTROL),
        read.choice(SluiceOptions.SOURCE_START, Map.of("earliest", true, "latest", false)),
        read.flag(SluiceOptions.SKIP_DELETED),
        read.positive(SluiceOptions.OUTCOME_TIMEOUT),
        InputOptions.read(read),
        new WriteBackState.Limit(
            read.atLeast(SluiceOptions.CACHED_KEYS, 1),
            read.atLeast(SluiceOptions.CACHE_MEMORY, MemorySize.ofMebiBytes(1))),
        read.positiveIfSet(SluiceOptions.EXPIRE_AFTER).orElse(null),
        ModelOptions.read(read, championUri != null),
        ModelOptions.drift(read),
        championUri,
        read.atLeast(SluiceOptions.CHAMPION_VERSION, 1),
        sink,
        fence(read, sink.guarantee()),
        EnrichOptions.read(read));
  }

  private static Kafka kafka(SettingsReader read, Map<String, String> settings) {
    return new Kafka(
        read.text(SluiceOptions.BOOTSTRAP_SERVERS),
        read.text(SluiceOptions.GROUP_ID),
        KafkaClients.userProperties(settings));
  }

  private static Sink sink(SettingsReader read) {
    return new Sink(
        read.choice(
            SluiceOptions.DELIVERY_GUARANTEE,
            Map.of(
                "exactly-once", DeliveryGuarantee.EXACTLY_ONCE,
                "at-least-once", DeliveryGuarantee.AT_LEAST_ONCE)),
        read.positive(SluiceOptions.TRANSACTION_TIMEOUT),
        read.text(SluiceOptions.TRANSACTIONAL_ID_PREFIX));
  }

  private static Fence fence(SettingsReader read, DeliveryGuarantee guarantee) {
    FenceMode mode =
        read.choice(
            SluiceOptions.RESTORE_FENCE,
            Map.of("suppress", FenceMode.SUPPRESS, "fail", FenceMode.FAIL, "off", FenceMode.OFF));
    return new Fence(
        guarantee == DeliveryGuarantee.EXACTLY_ONCE ? mode : FenceMode.OFF,
        read.positive(SluiceOptions.RESTORE_FENCE_PATIENCE),
        read.flag(SluiceOptions.OVER_EXISTING_OUTPUT));
  }

  /**
   * What the restore fence has to know.
   *
   * @param checkpointDirectory where Flink keeps the job's checkpoints, for messages; empty if not
   *     known
   */
  public FenceSettings fenceSettings(String checkpointDirectory) {
    return new FenceSettings(
        fence.mode(),
        sink.guarantee() == DeliveryGuarantee.EXACTLY_ONCE,
        fence.overExistingOutput(),
        fence.patience(),
        sink.transactionalIdPrefix(),
        checkpointDirectory,
        new FenceSettings.Topics(
            outputTopics.values().toArray(String[]::new),
            topic(OutputTopic.CONTROL_LOG),
            inputTopics().toArray(String[]::new)),
        kafka.clientProperties());
  }

  /** The most features in one observation. */
  public int maxFeatures() {
    return input.rules().maxFeatures();
  }

  public KafkaClients clients() {
    return new KafkaClients(kafka, sink);
  }

  /** The champion's file, if the job has one. */
  public Optional<String> champion() {
    return Optional.ofNullable(championUri);
  }

  /** The topics whose every record is answered: events and control commands. */
  public List<String> inputTopics() {
    List<String> topics = new ArrayList<>(eventTopics);
    topics.add(controlTopic);
    return List.copyOf(topics);
  }

  /** Every topic that must exist before the start. */
  public Set<String> allTopics() {
    Set<String> topics = new TreeSet<>(inputTopics());
    topics.addAll(outputTopics.values());
    return topics;
  }

  /** The topic that a kind of answer goes to. */
  public String topic(OutputTopic kind) {
    return Objects.requireNonNull(outputTopics.get(kind));
  }

  private static Map<OutputTopic, String> outputTopics(SettingsReader read) {
    Map<OutputTopic, String> topics = new EnumMap<>(OutputTopic.class);
    topics.put(OutputTopic.PREDICTIONS, read.text(SluiceOptions.PREDICTIONS));
    topics.put(OutputTopic.EVALUATIONS, read.text(SluiceOptions.EVALUATIONS));
    topics.put(OutputTopic.DEFERRED, read.text(SluiceOptions.DEFERRED));
    topics.put(OutputTopic.DEAD_LETTERS, read.text(SluiceOptions.DEAD_LETTERS));
    topics.put(OutputTopic.CONTROL_LOG, read.text(SluiceOptions.CONTROL_LOG));
    Set<String> seen = new HashSet<>(read.list(SluiceOptions.EVENTS));
    requireNew(seen, read.text(SluiceOptions.CONTROL));
    topics.values().forEach(topic -> requireNew(seen, topic));
    return Map.copyOf(topics);
  }

  private static void requireNew(Set<String> seen, String topic) {
    if (!seen.add(topic)) {
      throw new SettingsException(
          "topic (%s) is used twice: the topics of sluice.topics.* must all be different"
              .formatted(topic));
    }
  }
}

package dev.sluice.settings;

import dev.sluice.codec.InputRules;
import dev.sluice.enrich.EnrichSettings;
import dev.sluice.event.OutputTopic;
import dev.sluice.fence.FenceMode;
import dev.sluice.fence.FenceSettings;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.PageHinkley;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a job, read and checked. Serialisable, so that the tasks get them as they were
 * read when the job was submitted.
 *
 * @param jobName the name in Flink
 * @param kafka what both ends of the pipeline share
 * @param topics what is read and written
 * @param input which events are read and how they are judged
 * @param models what is learned, served and kept
 * @param sink how answers are written
 * @param enrich where observations get more features, null for nowhere
 */
public record JobSettings(
    String jobName,
    Kafka kafka,
    Topics topics,
    Input input,
    Models models,
    Sink sink,
    @Nullable EnrichSettings enrich)
    implements Serializable {

  /**
   * How to reach Kafka.
   *
   * @param bootstrapServers host:port, separated by commas
   * @param groupId for lag monitors
   * @param properties handed to every Kafka client; may hold secrets
   */
  public record Kafka(String bootstrapServers, String groupId, Map<String, String> properties)
      implements Serializable {

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
   * The topics of a job, all different.
   *
   * @param events input topics, at least one
   * @param control where control commands come from
   * @param outputs a topic for each kind of answer
   */
  public record Topics(List<String> events, String control, Map<OutputTopic, String> outputs)
      implements Serializable {

    /** The topics whose every record is answered: events and control commands. */
    public List<String> inputs() {
      List<String> inputs = new ArrayList<>(events);
      inputs.add(control);
      return List.copyOf(inputs);
    }

    /** Every topic that must exist before the start. */
    public Set<String> all() {
      Set<String> all = new TreeSet<>(inputs());
      all.addAll(outputs.values());
      return all;
    }

    /** The topic that a kind of answer goes to. */
    public String of(OutputTopic kind) {
      return Objects.requireNonNull(outputs.get(kind));
    }
  }

  /**
   * What is read, and what is asked of an event.
   *
   * @param fromEarliest where a start without a savepoint begins to read
   * @param rules an event that breaks one is a dead letter
   * @param toleranceMs how far its time may be from its record's without being counted
   * @param outcomeTimeout how long one half of an event waits for the other
   * @param skipDeleted whether to continue when unanswered inputs are deleted
   */
  public record Input(
      boolean fromEarliest,
      InputRules rules,
      long toleranceMs,
      Duration outcomeTimeout,
      boolean skipDeleted)
      implements Serializable {}

  /**
   * What is learned, served and kept.
   *
   * @param settings what the models are like
   * @param drift when a key's losses have become larger
   * @param championUri the first champion's file, null for none
   * @param championVersion its number
   * @param expireAfter how long a model lives without an event of its key, null for no expiry
   * @param cache what each task keeps in memory
   */
  public record Models(
      ModelSettings settings,
      PageHinkley.Settings drift,
      @Nullable String championUri,
      int championVersion,
      @Nullable Duration expireAfter,
      Cache cache)
      implements Serializable {}

  /**
   * How much of the keys' models and pending observations a task keeps in memory.
   *
   * @param keys so many at most; null for any number
   * @param bytes so many at most; null for a share of the TaskManager's heap
   */
  public record Cache(@Nullable Integer keys, @Nullable Long bytes) implements Serializable {}

  /**
   * How answers are written.
   *
   * @param guarantee exactly-once unless downstream can do with less
   * @param transactionTimeout when the broker gives up on a transaction
   * @param transactionalIdPrefix unique to the job
   * @param fence what a start or restore does about answers that are there already
   */
  public record Sink(
      DeliveryGuarantee guarantee,
      Duration transactionTimeout,
      String transactionalIdPrefix,
      Fence fence)
      implements Serializable {}

  /**
   * What a start or restore does about answers that are there already.
   *
   * @param mode off without transactions, whatever the settings say
   * @param patience how long it waits for an open transaction
   * @param overExistingOutput whether a start without a snapshot may answer again
   */
  public record Fence(FenceMode mode, Duration patience, boolean overExistingOutput)
      implements Serializable {}

  /**
   * Reads and checks flat settings.
   *
   * @throws SettingsException at the first key that is unknown or value that can't be
   */
  public static JobSettings of(Map<String, String> settings) {
    SettingsReader read = new SettingsReader(settings);
    read.refuseUnknownKeys();
    Sink sink = sink(read);
    Kafka kafka =
        new Kafka(
            read.text(SluiceOptions.BOOTSTRAP_SERVERS),
            read.text(SluiceOptions.GROUP_ID),
            KafkaClients.userProperties(settings));
    new KafkaClients(kafka, sink).check();
    return new JobSettings(
        read.text(SluiceOptions.JOB_NAME),
        kafka,
        topics(read),
        InputOptions.read(read),
        ModelOptions.read(read),
        sink,
        EnrichOptions.read(read));
  }

  private static Sink sink(SettingsReader read) {
    DeliveryGuarantee guarantee =
        read.choice(
            SluiceOptions.DELIVERY_GUARANTEE,
            Map.of(
                "exactly-once", DeliveryGuarantee.EXACTLY_ONCE,
                "at-least-once", DeliveryGuarantee.AT_LEAST_ONCE));
    return new Sink(
        guarantee,
        read.positive(SluiceOptions.TRANSACTION_TIMEOUT),
        read.text(SluiceOptions.TRANSACTIONAL_ID_PREFIX),
        fence(read, guarantee));
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
        sink.fence().mode(),
        sink.guarantee() == DeliveryGuarantee.EXACTLY_ONCE,
        sink.fence().overExistingOutput(),
        sink.fence().patience(),
        sink.transactionalIdPrefix(),
        checkpointDirectory,
        new FenceSettings.Topics(
            topics.outputs().values().toArray(String[]::new),
            topics.of(OutputTopic.CONTROL_LOG),
            topics.inputs().toArray(String[]::new)),
        kafka.clientProperties());
  }

  public KafkaClients clients() {
    return new KafkaClients(kafka, sink);
  }

  /** What the models are like. */
  public ModelSettings model() {
    return models.settings();
  }

  private static Topics topics(SettingsReader read) {
    List<String> events = read.list(SluiceOptions.EVENTS);
    String control = read.text(SluiceOptions.CONTROL);
    Map<OutputTopic, String> topics = new EnumMap<>(OutputTopic.class);
    topics.put(OutputTopic.PREDICTIONS, read.text(SluiceOptions.PREDICTIONS));
    topics.put(OutputTopic.EVALUATIONS, read.text(SluiceOptions.EVALUATIONS));
    topics.put(OutputTopic.DEFERRED, read.text(SluiceOptions.DEFERRED));
    topics.put(OutputTopic.DEAD_LETTERS, read.text(SluiceOptions.DEAD_LETTERS));
    topics.put(OutputTopic.CONTROL_LOG, read.text(SluiceOptions.CONTROL_LOG));
    Set<String> seen = new HashSet<>(events);
    requireNew(seen, control);
    topics.values().forEach(topic -> requireNew(seen, topic));
    return new Topics(events, control, Collections.unmodifiableMap(topics));
  }

  private static void requireNew(Set<String> seen, String topic) {
    if (!seen.add(topic)) {
      throw new SettingsException(
          "topic (%s) is used twice: the topics of sluice.topics.* must all be different"
              .formatted(topic));
    }
  }
}

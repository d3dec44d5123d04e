package dev.sluice.job;

import dev.sluice.fence.ExistingAnswers;
import dev.sluice.fence.FenceSettings;
import dev.sluice.kafka.ListenerCheck;
import dev.sluice.ledger.TransactionDeadline;
import dev.sluice.settings.BrokersAwayException;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.settings.SluiceOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must hold before the job is submitted. Each check would otherwise fail later, or never: as a
 * restart loop, as answers that no reader ever sees, or as answers that are lost.
 */
final class StartChecks {

  private static final Logger LOG = LoggerFactory.getLogger(StartChecks.class);

  private static final Duration DEADLINE = Duration.ofSeconds(8);
  private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";

  /** Flink's word for any number of failed checkpoints. */
  private static final int UNLIMITED = Integer.MAX_VALUE;

  private final JobSettings settings;
  private final Duration deadline;

  StartChecks(JobSettings settings) {
    this(settings, DEADLINE);
  }

  /**
   * @param deadline the longest wait for an answer of the brokers
   */
  StartChecks(JobSettings settings, Duration deadline) {
    this.settings = settings;
    this.deadline = deadline;
  }

  /**
   * The connector calls a method before every checkpoint that kafka-clients 4.3.0 removed.
   *
   * @param version of the kafka-clients on the class path
   */
  static void kafkaClients(String version) {
    if (!version.startsWith("4.2.")) {
      throw new SettingsException(
          "kafka-clients on the class path is version (%s), but must be 4.2.x, or no checkpoint would ever complete;"
                  .formatted(version)
              + " remove the other kafka-clients from Flink's lib/ or give the job its own class loader"
              + " (classloader.resolve-order: child-first)");
    }
  }

  /** Without checkpoints nothing is ever committed; with rare ones transactions expire first. */
  void checkpointing(ReadableConfig flink) {
    if (settings.sink().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
      return;
    }
    Duration interval =
        flink.getOptional(CheckpointingOptions.CHECKPOINTING_INTERVAL).orElse(Duration.ZERO);
    if (interval.isZero()) {
      throw new SettingsException(
          ("%s is not set, and without checkpoints no answer would ever be committed; set it in Flink's "
                  + "config.yaml, to 10 s for example")
              .formatted(CheckpointingOptions.CHECKPOINTING_INTERVAL.key()));
    }
    checkpointMode(flink);
    oneCheckpointAtATime(flink);
    transactionsOutliveCheckpoints(flink, interval);
  }

  /** The fence counts on it: a transaction of each subtask is open for each checkpoint. */
  private static void oneCheckpointAtATime(ReadableConfig flink) {
    int most = flink.get(CheckpointingOptions.MAX_CONCURRENT_CHECKPOINTS);
    if (most != 1) {
      throw new SettingsException(
          ("%s = (%s) must be 1, or the restore fence would take answers of the one checkpoint for those of the "
                  + "other; lower it in Flink's configuration")
              .formatted(CheckpointingOptions.MAX_CONCURRENT_CHECKPOINTS.key(), most));
    }
  }

  /**
   * The longest that an answer waits for its commit: until the next checkpoint begins, while as
   * many fail as may, until the one that follows is complete, and until its notification has come.
   */
  private void transactionsOutliveCheckpoints(ReadableConfig flink, Duration interval) {
    Duration pause = flink.get(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS);
    Duration until = interval.compareTo(pause) > 0 ? interval : pause;
    Duration timeout = flink.get(CheckpointingOptions.CHECKPOINTING_TIMEOUT);
    int tolerated = flink.get(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER);
    if (tolerated == UNLIMITED) {
      throw new SettingsException(
          ("%s = (%s) is no limit, and while checkpoints fail without one the broker aborts the transactions that "
                  + "wait for them; set it in Flink's configuration, to 1 for example")
              .formatted(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER.key(), tolerated));
    }
    TransactionDeadline.Limits limits =
        new TransactionDeadline.Limits(settings.sink().transactionTimeout(), timeout);
    // A checkpoint that fails early still costs the time until the next begins.
    Duration failed = timeout.compareTo(until) > 0 ? timeout : until;
    Duration longest =
        until.plus(failed.multipliedBy(tolerated)).plus(timeout).plus(limits.margin());
    if (limits.transactionTimeout().compareTo(longest) <= 0) {
      throw new SettingsException(
          ("%s = (%s ms) must be longer than %s ms, or the broker aborts transactions before their checkpoint is "
                  + "complete, and their answers are lost or the job restarts again and again: %s (%s ms; or %s, "
                  + "%s ms, "
                  + "if that is longer) + (1 + %s = %s) x %s (%s ms) + a margin (%s ms). Raise it, up to the broker's "
                  + "%s, or lower the others in Flink's configuration")
              .formatted(
                  SluiceOptions.TRANSACTION_TIMEOUT.key(),
                  limits.transactionTimeout().toMillis(),
                  longest.toMillis(),
                  CheckpointingOptions.CHECKPOINTING_INTERVAL.key(),
                  interval.toMillis(),
                  CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS.key(),
                  pause.toMillis(),
                  CheckpointingOptions.TOLERABLE_FAILURE_NUMBER.key(),
                  tolerated,
                  CheckpointingOptions.CHECKPOINTING_TIMEOUT.key(),
                  timeout.toMillis(),
                  limits.margin().toMillis(),
                  MAX_TRANSACTION_TIMEOUT));
    }
  }

  /**
   * An at-least-once snapshot holds the effect of records that its offsets have not passed: after a
   * restore they are answered and learned a second time, and the restore fence suppresses one
   * answer for each origin only.
   */
  private static void checkpointMode(ReadableConfig flink) {
    CheckpointingMode mode = flink.get(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE);
    if (mode != CheckpointingMode.EXACTLY_ONCE) {
      throw new SettingsException(
          ("%s = (%s), but %s is exactly-once: after each restore outcomes would be learned twice and answers "
                  + "given twice; set it to EXACTLY_ONCE in Flink's configuration")
              .formatted(
                  CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE.key(),
                  mode.name(),
                  SluiceOptions.DELIVERY_GUARANTEE.key()));
    }
  }

  /**
   * A forgotten savepoint, reported before the job is submitted. The job itself checks again: this
   * program also runs when a job in application mode is recovered, and can't distinguish that from
   * a start.
   */
  void existingAnswers(FenceSettings fence, ReadableConfig flink) throws Exception {
    boolean restoring = flink.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isPresent();
    boolean inCluster = "embedded".equals(flink.get(DeploymentOptions.TARGET));
    if (!restoring && !inCluster) {
      ExistingAnswers.refuse(fence);
    }
  }

  /**
   * In application mode a JobManager that takes over runs this program again, also after a graceful
   * stop: only the kept result shows Flink that the job has ended.
   *
   * @param version of Flink: from 2.3 on the program's result is kept with the job's
   */
  static void endedJobs(ReadableConfig flink, String version) {
    String availability = flink.get(HighAvailabilityOptions.HA_MODE);
    if (!Refusals.applicationMode(flink) || "NONE".equalsIgnoreCase(availability)) {
      return;
    }
    for (String store :
        version.startsWith("2.2.") ? List.of("job") : List.of("job", "application")) {
      String key = store + "-result-store.delete-on-commit";
      if (flink.get(ConfigOptions.key(key).booleanType().defaultValue(true))) {
        throw new SettingsException(
            ("%s = (true) must be false in application mode with %s = (%s), or the JobManager that stands by "
                    + "starts a stopped job again, from the snapshot of its first start; set it in Flink's "
                    + "configuration")
                .formatted(key, HighAvailabilityOptions.HA_MODE.key(), availability));
      }
    }
  }

  /**
   * Makes Kafka's clients as the tasks will make them, after a check of the protocol at the
   * brokers' ports, and warns of properties that none knows.
   */
  void kafkaClients() {
    Properties properties = settings.kafka().clientProperties();
    ListenerCheck.beforeConnecting(properties, SluiceOptions.KAFKA_PROPERTIES)
        .ifPresent(this::refuseOtherProtocol);
    settings.clients().warnings().forEach(LOG::warn);
    settings.clients().make();
  }

  /**
   * Asks the brokers: are they there, are the topics there, do their limits fit.
   *
   * @param restoring whether a snapshot brings the commands so far
   * @throws BrokersAwayException if they do not answer
   */
  void kafka(boolean restoring) {
    Properties properties = settings.kafka().clientProperties();
    properties.put("default.api.timeout.ms", (int) deadline.toMillis());
    properties.put("request.timeout.ms", (int) deadline.toMillis() / 2);
    try (Admin admin = Admin.create(properties)) {
      topics(admin);
      transactionTimeout(admin);
      topicSettings(admin);
      if (!restoring) {
        String control = settings.topics().control();
        deletedCommands(control, beginning(admin, control)).ifPresent(LOG::warn);
      }
    } catch (KafkaException e) {
      throw unreachable(e);
    }
  }

  private void topics(Admin admin) {
    TreeSet<String> missing = new TreeSet<>();
    TreeSet<String> hidden = new TreeSet<>();
    TopicRights rights = new TopicRights(settings);
    admin
        .describeTopics(
            settings.topics().all(), new DescribeTopicsOptions().includeAuthorizedOperations(true))
        .topicNameValues()
        .forEach(
            (topic, description) -> {
              try {
                TopicDescription found = await(description);
                onePartition(topic, found.partitions().size());
                rights.add(topic, found.authorizedOperations());
              } catch (UnknownTopicOrPartitionException e) {
                missing.add(topic);
              } catch (TopicAuthorizationException e) { // its message does not name the topic
                hidden.add(topic);
              }
            });
    if (!hidden.isEmpty()) {
      throw new SettingsException(
          ("the user of %s = (%s) may not describe the topics %s; give it the rights that deploy/secured-kafka.md "
                  + "lists for the job, or name another user in %s*")
              .formatted(
                  SluiceOptions.BOOTSTRAP_SERVERS.key(),
                  settings.kafka().bootstrapServers(),
                  hidden,
                  SluiceOptions.KAFKA_PROPERTIES));
    }
    if (!missing.isEmpty()) {
      throw new SettingsException(
          ("topics %s do not exist at %s = (%s); create them (kafka-topics.sh --create --topic %s ...) or name "
                  + "others with sluice.topics.*")
              .formatted(
                  missing,
                  SluiceOptions.BOOTSTRAP_SERVERS.key(),
                  settings.kafka().bootstrapServers(),
                  missing.first()));
    }
    rights
        .refusal()
        .ifPresent(
            why -> {
              throw new SettingsException(why);
            });
  }

  private void onePartition(String topic, int partitions) {
    if (topic.equals(settings.topics().control()) && partitions != 1) {
      throw new SettingsException(
          "%s = (%s) has %s partitions, and commands in several have no order; name a topic with one"
              .formatted(SluiceOptions.CONTROL.key(), topic, partitions));
    }
  }

  private long beginning(Admin admin, String topic) {
    TopicPartition only = new TopicPartition(topic, 0);
    return await(admin.listOffsets(Map.of(only, OffsetSpec.earliest())).partitionResult(only))
        .offset();
  }

  /**
   * A start without a snapshot takes the control topic for the whole of what was commanded.
   *
   * @param beginning the topic's first offset that is not deleted
   * @return a warning, if there is something to warn of
   */
  static Optional<String> deletedCommands(String topic, long beginning) {
    return beginning == 0
        ? Optional.empty()
        : Optional.of(
            ("Topic (%s) begins at offset %s: commands before it are deleted (retention), and a start without a "
                    + "snapshot does not know the pauses and promotions among them; command them again if they still "
                    + "hold, and set retention.ms of the topic to -1")
                .formatted(topic, beginning));
  }

  private void transactionTimeout(Admin admin) {
    if (settings.sink().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
      return;
    }
    List<ConfigResource> brokers = new ArrayList<>();
    await(admin.describeCluster().nodes())
        .forEach(
            node -> brokers.add(new ConfigResource(ConfigResource.Type.BROKER, node.idString())));
    long wantedMs = settings.sink().transactionTimeout().toMillis();
    for (Config broker : configs(admin, brokers).values()) {
      ConfigEntry most = broker.get(MAX_TRANSACTION_TIMEOUT);
      if (most != null && wantedMs > Long.parseLong(most.value())) {
        throw new SettingsException(
            "%s = (%s ms) is longer than the broker's %s (%s ms); lower the one or raise the other"
                .formatted(
                    SluiceOptions.TRANSACTION_TIMEOUT.key(),
                    wantedMs,
                    MAX_TRANSACTION_TIMEOUT,
                    most.value()));
      }
    }
  }

  private void topicSettings(Admin admin) {
    List<ConfigResource> topics = new ArrayList<>();
    for (String topic : settings.topics().all()) {
      topics.add(new ConfigResource(ConfigResource.Type.TOPIC, topic));
    }
    new TopicChecks(settings, configs(admin, topics)).run().forEach(LOG::warn);
  }

  /** Empty, with a warning, where the job's user may not read the brokers' configuration. */
  private Map<ConfigResource, Config> configs(Admin admin, Collection<ConfigResource> resources) {
    try {
      return await(admin.describeConfigs(resources).all());
    } catch (AuthorizationException e) {
      LOG.warn("Limits of {} are not checked: {}", resources, e.getMessage());
      return Map.of();
    }
  }

  private <T> T await(KafkaFuture<T> future) {
    try {
      return future.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException known) {
        throw known;
      }
      throw new KafkaException(e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("no answer within " + deadline.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  private void refuseOtherProtocol(String why) {
    throw new SettingsException(
        "%s = (%s) can't be used: %s"
            .formatted(
                SluiceOptions.BOOTSTRAP_SERVERS.key(), settings.kafka().bootstrapServers(), why));
  }

  private SettingsException unreachable(KafkaException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    boolean away = BrokersAwayException.is(e) || BrokersAwayException.is(cause);
    if (away) {
      Properties properties = settings.kafka().clientProperties();
      ListenerCheck.afterSilence(properties, SluiceOptions.KAFKA_PROPERTIES)
          .ifPresent(this::refuseOtherProtocol);
    }
    String what =
        "%s = (%s) can't be used: %s; check that the brokers run there and that %s* fits their listeners"
            .formatted(
                SluiceOptions.BOOTSTRAP_SERVERS.key(),
                settings.kafka().bootstrapServers(),
                cause.getMessage() == null ? e.getMessage() : cause.getMessage(),
                SluiceOptions.KAFKA_PROPERTIES);
    return away ? new BrokersAwayException(what) : new SettingsException(what);
  }
}

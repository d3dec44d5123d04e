package dev.sluice.settings;

import dev.sluice.kafka.CommittedRecords;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The properties of the job's Kafka clients: the user's, under {@code sluice.kafka.properties.},
 * and the job's own.
 *
 * <p>A client reads its properties when a task makes it, and a value that it can't use would fail
 * that task again after every restart. So each kind of client's own configuration is made from them
 * here, before anything is submitted. What no such check can see is the machine: a value that a
 * config provider or a file gives is read on each machine again.
 *
 * <p>Config providers ({@code config.providers}, for secrets in files) are allowed: they give
 * values to properties that are named here, and can't bring in another property.
 */
public final class KafkaClients {

  /** Bytes; an input may be longer than what is accepted, and its dead letter should be whole. */
  static final int MAX_REQUEST = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(KafkaClients.class);

  private static final String BYTES = "no setting: keys and values are bytes";

  /** Properties that the job sets itself; each is a way to lose, double or stop something. */
  private static final Map<String, String> RESERVED =
      Map.ofEntries(
          Map.entry("bootstrap.servers", SluiceOptions.BOOTSTRAP_SERVERS.key()),
          Map.entry("group.id", SluiceOptions.GROUP_ID.key()),
          Map.entry("transaction.timeout.ms", SluiceOptions.TRANSACTION_TIMEOUT.key()),
          Map.entry("transactional.id", SluiceOptions.TRANSACTIONAL_ID_PREFIX.key()),
          Map.entry("auto.offset.reset", SluiceOptions.SOURCE_START.key()),
          Map.entry("enable.auto.commit", "no setting: offsets are committed with checkpoints"),
          Map.entry("isolation.level", "no setting: the job reads committed input only"),
          Map.entry("enable.idempotence", "no setting: the sink needs it"),
          Map.entry(
              "transaction.two.phase.commit.enable",
              "no setting: the broker must end transactions"),
          Map.entry("key.serializer", BYTES),
          Map.entry("value.serializer", BYTES),
          Map.entry("key.deserializer", BYTES),
          Map.entry("value.deserializer", BYTES),
          Map.entry(
              "interceptor.classes",
              "no setting: consumers and producers take different classes, and one that changes"
                  + " records breaks the restore fence"),
          Map.entry(
              "group.protocol", "no setting: partitions are assigned by Flink, not by a group"),
          Map.entry(
              "partition.discovery.interval.ms",
              "no setting: new partitions are read from the next start on"));

  /**
   * Values that Kafka takes and no job can run with. Below the times, requests to a broker that
   * works would time out, again after every restart; below the size, answers could not be sent.
   */
  private static final SortedMap<String, Long> LEAST =
      new TreeMap<>(
          Map.of(
              "request.timeout.ms", 1000L,
              "default.api.timeout.ms", 1000L,
              "delivery.timeout.ms", 1000L,
              "max.block.ms", 1000L,
              "socket.connection.setup.timeout.ms", 1000L,
              "socket.connection.setup.timeout.max.ms", 1000L,
              "max.request.size", (long) MAX_REQUEST));

  /** What Flink's connector reads. */
  private static final Set<String> CONNECTORS =
      Set.of(
          "client.id.prefix",
          "commit.offsets.on.checkpoint",
          "register.consumer.metrics",
          "register.producer.metrics",
          "flink.disable-metrics");

  private static final String COMPRESSION = "compression.type";
  private static final String PROVIDERS = AbstractConfig.CONFIG_PROVIDERS_CONFIG;

  private final JobSettings.Kafka kafka;
  private final JobSettings.Sink sink;

  KafkaClients(JobSettings.Kafka kafka, JobSettings.Sink sink) {
    this.kafka = kafka;
    this.sink = sink;
  }

  /**
   * The user's properties out of flat settings, without their prefix.
   *
   * @throws SettingsException if one is the job's own
   */
  static Map<String, String> userProperties(Map<String, String> settings) {
    Map<String, String> properties = new TreeMap<>();
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(SluiceOptions.KAFKA_PROPERTIES)) {
            String property = key.substring(SluiceOptions.KAFKA_PROPERTIES.length());
            String instead = RESERVED.get(property);
            if (instead != null) {
              throw new SettingsException(
                  "%s can't be set, because the job sets %s itself; use %s"
                      .formatted(key, property, instead));
            }
            properties.put(property, value);
          }
        });
    return properties;
  }

  /** The properties of the sources. */
  public Properties consumer() {
    Properties properties = kafka.clientProperties();
    properties.put("group.id", kafka.groupId());
    properties.put("isolation.level", "read_committed");
    // Splits found during a stop-with-savepoint would be assigned to readers that have finished:
    // the stop fails. New partitions are found at each start.
    properties.put("partition.discovery.interval.ms", "-1");
    return properties;
  }

  /** The properties of the sink. */
  public Properties producer() {
    Properties properties = kafka.clientProperties();
    properties.put("transaction.timeout.ms", "" + sink.transactionTimeout().toMillis());
    properties.put("enable.idempotence", "true"); // so that acks and retries against it are refused
    properties.putIfAbsent("max.request.size", "" + MAX_REQUEST);
    properties.putIfAbsent("linger.ms", "20");
    properties.putIfAbsent("batch.size", "" + (128 << 10));
    return properties;
  }

  /** {@link #producer} as a task's producer gets it from the connector. */
  public Properties sinkProducer() {
    Properties properties = producer();
    properties.put("key.serializer", ByteArraySerializer.class.getName());
    properties.put("value.serializer", ByteArraySerializer.class.getName());
    if (sink.guarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
      properties.put("transactional.id", sink.transactionalIdPrefix() + "-start-check");
    }
    return properties;
  }

  /** {@link #consumer} as a task's consumer gets it from the connector. */
  Properties sourceConsumer() {
    Properties properties = consumer();
    properties.put("enable.auto.commit", "false");
    return deserialising(properties);
  }

  /** As the restore fence reads the output. */
  Properties fenceConsumer() {
    return deserialising(CommittedRecords.properties(kafka.clientProperties()));
  }

  private static Properties deserialising(Properties properties) {
    properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
    properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
    return properties;
  }

  /**
   * Makes each client's configuration, but no client.
   *
   * @throws SettingsException naming the property, its value and what is allowed
   */
  void check() {
    try {
      checkProducer(new ProducerConfig(sinkProducer()));
      checkConsumer(new ConsumerConfig(sourceConsumer()));
      checkConsumer(new ConsumerConfig(fenceConsumer()));
      atLeast(new AdminClientConfig(kafka.clientProperties()));
    } catch (KafkaException e) {
      throw refuse(e);
    }
  }

  /**
   * Makes each client and closes it: finds what no configuration shows, classes and files that are
   * not there for example, without asking the brokers anything.
   *
   * @throws BrokersAwayException if the brokers' names have no address, which may pass
   * @throws SettingsException naming the property, its value and what is allowed
   */
  public void make() {
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(sinkProducer());
        KafkaConsumer<byte[], byte[]> source = new KafkaConsumer<>(sourceConsumer());
        KafkaConsumer<byte[], byte[]> fence = new KafkaConsumer<>(fenceConsumer());
        Admin admin = Admin.create(kafka.clientProperties())) {
      compress(new ProducerConfig(sinkProducer()).getString(COMPRESSION));
      LOG.debug("Made {}, {}, {} and {}", producer, source, fence, admin);
    } catch (KafkaException e) {
      throw refuse(e);
    }
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Loads the codec, whose native library a producer would only miss at its first record. */
  private void compress(String codec) {
    try (OutputStream out =
        Compression.of(codec)
            .build()
            .wrapForOutput(new ByteBufferOutputStream(512), RecordBatch.CURRENT_MAGIC_VALUE)) {
      out.write(new byte[64]);
    } catch (IOException | RuntimeException | LinkageError e) {
      throw refuse(COMPRESSION, "the codec can't be used on this machine: " + e);
    }
  }

  /** Kafka names the property and what is allowed. */
  private SettingsException refuse(KafkaException e) {
    Throwable cause = root(e);
    String why = e == cause ? "" + e.getMessage() : e.getMessage() + ": " + cause.getMessage();
    if (BrokersAwayException.is(cause)) {
      return new BrokersAwayException("%s: %s".formatted(ours(why), why));
    }
    return kafka.properties().keySet().stream()
        .filter(why::contains)
        .max(Comparator.comparingInt(String::length))
        .map(property -> refuse(property, why))
        .orElseGet(() -> new SettingsException("%s: %s".formatted(ours(why), why)));
  }

  /** The setting behind a property of the job's own, or all those of the user. */
  private String ours(String why) {
    return RESERVED.entrySet().stream()
        .filter(reserved -> why.contains(reserved.getKey()))
        .map(Map.Entry::getValue)
        .filter(setting -> setting.startsWith("sluice."))
        .findFirst()
        .orElse(SluiceOptions.KAFKA_PROPERTIES + "* " + kafka.properties().keySet());
  }

  private SettingsException refuse(String property, String why) {
    return new SettingsException(
        "%s%s = (%s): %s"
            .formatted(SluiceOptions.KAFKA_PROPERTIES, property, shown(property), why));
  }

  private void checkProducer(AbstractConfig config) {
    atLeast(config);
    long buffer = config.getLong("buffer.memory");
    int request = config.getInt("max.request.size");
    if (buffer < request) {
      throw refuse(
          kafka.properties().containsKey("buffer.memory") ? "buffer.memory" : "max.request.size",
          "buffer.memory (%s) must be at least max.request.size (%s), or long answers can never be sent"
              .formatted(buffer, request));
    }
  }

  private void checkConsumer(AbstractConfig config) {
    atLeast(config);
    int wait = config.getInt("fetch.max.wait.ms");
    int timeout = config.getInt("request.timeout.ms");
    if (wait >= timeout) {
      throw refuse(
          kafka.properties().containsKey("fetch.max.wait.ms")
              ? "fetch.max.wait.ms"
              : "request.timeout.ms",
          "fetch.max.wait.ms (%s) must be below request.timeout.ms (%s), or fetches that wait for data time out"
              .formatted(wait, timeout));
    }
  }

  private void atLeast(AbstractConfig config) {
    LEAST.forEach(
        (property, least) -> {
          if (kafka.properties().containsKey(property)
              && config.values().get(property) instanceof Number value
              && value.longValue() < least) {
            throw refuse(property, "it must be at least %s".formatted(least));
          }
        });
  }

  /**
   * What no client knows is passed on, because a user's own classes may; most often it is misspelt.
   */
  public List<String> warnings() {
    Set<String> known = known();
    return kafka.properties().keySet().stream()
        .filter(property -> !known.contains(property) && !property.startsWith(PROVIDERS + "."))
        .map(
            property ->
                "%s%s is no property of Kafka's clients and is passed on to them; did you mean %s?"
                    .formatted(
                        SluiceOptions.KAFKA_PROPERTIES,
                        property,
                        SettingsReader.nearest(property, known)))
        .toList();
  }

  private static Set<String> known() {
    Set<String> known = new TreeSet<>(CONNECTORS);
    known.addAll(ProducerConfig.configNames());
    known.addAll(ConsumerConfig.configNames());
    known.addAll(AdminClientConfig.configNames());
    known.removeAll(RESERVED.keySet());
    return known;
  }

  /** Secrets, and what may be one, are never shown. */
  private String shown(String property) {
    Optional<ConfigDef.Type> type =
        List.of(
                ProducerConfig.configDef(),
                ConsumerConfig.configDef(),
                AdminClientConfig.configDef())
            .stream()
            .map(definitions -> definitions.configKeys().get(property))
            .filter(definition -> definition != null)
            .map(definition -> definition.type)
            .findFirst();
    return type.isEmpty() || type.get() == ConfigDef.Type.PASSWORD
        ? "hidden"
        : "" + kafka.properties().get(property);
  }
}

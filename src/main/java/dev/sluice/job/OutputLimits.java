package dev.sluice.job;

import dev.sluice.event.OutputTopic;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a record each output topic takes, in bytes of a batch that holds nothing else.
 *
 * <p>The producer refuses what is longer than its {@code max.request.size} or {@code
 * buffer.memory}, before it compresses; the broker refuses a batch that is longer than the topic's
 * {@code max.message.bytes}, as it comes. Either would fail the task on the same record after every
 * restart.
 */
final class OutputLimits {

  /** What is assumed of a topic that the job's user may not ask about: Kafka's default. */
  static final long ASSUMED = 1 << 20;

  private static final String MAX_MESSAGE = TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
  private static final String SEGMENT = TopicConfig.SEGMENT_BYTES_CONFIG;

  private static final Logger LOG = LoggerFactory.getLogger(OutputLimits.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What compression adds at most to what it can't shorten: far more than any codec does. */
  private static final long COMPRESSION_SHARE = 64;

  private final Map<OutputTopic, Long> bytes;

  OutputLimits(Map<OutputTopic, Long> bytes) {
    this.bytes = new EnumMap<>(bytes);
  }

  /**
   * Asks the brokers.
   *
   * @param topics the output topics' names
   * @param client properties of a Kafka client
   * @param producer the sink's producer's configuration
   */
  static OutputLimits ask(
      Map<OutputTopic, String> topics, Properties client, ProducerConfig producer)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<OutputTopic, Long> bytes = new EnumMap<>(OutputTopic.class);
    try (Admin admin = Admin.create(client)) {
      Map<OutputTopic, KafkaFuture<Config>> asked = new EnumMap<>(OutputTopic.class);
      topics.forEach(
          (kind, topic) -> {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            asked.put(kind, admin.describeConfigs(List.of(resource)).values().get(resource));
          });
      for (Map.Entry<OutputTopic, KafkaFuture<Config>> each : asked.entrySet()) {
        String topic = topics.getOrDefault(each.getKey(), "");
        bytes.put(
            each.getKey(),
            Math.min(ofProducer(producer), ofTopic(topic, each.getValue(), producer)));
      }
    }
    return new OutputLimits(bytes);
  }

  private static long ofProducer(ProducerConfig producer) {
    return Math.min(
        producer.getInt(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        producer.getLong(ProducerConfig.BUFFER_MEMORY_CONFIG));
  }

  private static long ofTopic(String topic, KafkaFuture<Config> answer, ProducerConfig producer)
      throws ExecutionException, InterruptedException, TimeoutException {
    try {
      Config config = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      // A broker takes no batch that is longer than a segment either.
      long most = Math.min(bytes(config, MAX_MESSAGE), bytes(config, SEGMENT));
      return compresses(config, producer) ? most - most / COMPRESSION_SHARE : most;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        LOG.warn(
            "The job's user may not read the configuration of topic ({}): it is taken for one with {} = {}, and"
                + " longer records do not go there whole; allow DescribeConfigs on it",
            topic,
            MAX_MESSAGE,
            ASSUMED);
        return ASSUMED - ASSUMED / COMPRESSION_SHARE; // its codec is not known either
      }
      throw e;
    }
  }

  private static long bytes(Config topic, String name) {
    ConfigEntry entry = topic.get(name);
    return entry == null ? Long.MAX_VALUE : Long.parseLong(entry.value());
  }

  /** Whether what arrives may be longer than what was measured. */
  private static boolean compresses(Config topic, ProducerConfig producer) {
    ConfigEntry byTopic = topic.get(TopicConfig.COMPRESSION_TYPE_CONFIG);
    String codec = byTopic == null ? "producer" : byTopic.value();
    return codec.equals("producer")
        ? !producer.getString(ProducerConfig.COMPRESSION_TYPE_CONFIG).equals("none")
        : !codec.equals("uncompressed");
  }

  /** The longest record that a topic takes. */
  long of(OutputTopic topic) {
    return bytes.getOrDefault(topic, ASSUMED);
  }

  /** An upper bound of a record's bytes, as the producer makes it. */
  static int size(ProducerRecord<byte[], byte[]> record) {
    return AbstractRecords.estimateSizeInBytesUpperBound(
        RecordBatch.CURRENT_MAGIC_VALUE,
        CompressionType.NONE,
        record.key(),
        record.value(),
        record.headers().toArray());
  }
}

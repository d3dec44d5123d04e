package dev.sluice.job;

import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.metrics.MetricGroup;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Encoded answer in, Kafka record out: the topic is chosen by the record, the partition by its key.
 * Asks the brokers at each start of the task what the topics take: limits that have been lowered
 * since fail the task once, and hold from then on.
 */
final class OutputSerializer implements KafkaRecordSerializationSchema<OutputRecord> {

  private static final long serialVersionUID = 2L;

  private final EnumMap<OutputTopic, String> topics;
  private final Properties client;
  private final Properties producer;

  private transient @Nullable FittedRecords records;

  /**
   * @param client properties of a Kafka client; may hold secrets
   * @param producer properties of the sink's producer
   */
  OutputSerializer(Map<OutputTopic, String> topics, Properties client, Properties producer) {
    this.topics = new EnumMap<>(topics);
    this.client = client;
    this.producer = producer;
  }

  /** Called twice by an exactly-once writer. */
  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink)
      throws Exception {
    if (records == null) {
      MetricGroup group = context.getMetricGroup().addGroup("sluice");
      records =
          new FittedRecords(
              topics,
              OutputLimits.ask(topics, client, new ProducerConfig(producer)),
              group.counter(JobMetric.DEFERRED_TOO_LARGE.code()),
              group.counter(JobMetric.DEAD_LETTERS_CUT.code()));
    }
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      OutputRecord answer, KafkaSinkContext context, Long timestamp) {
    if (records == null) {
      throw new IllegalStateException("serialize was called before open");
    }
    return records.of(answer);
  }
}

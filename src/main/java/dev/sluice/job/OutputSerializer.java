package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Headers;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Encoded answer in, Kafka record out: the topic is chosen by the record, the partition by its key.
 */
final class OutputSerializer implements KafkaRecordSerializationSchema<OutputRecord> {

  private static final long serialVersionUID = 1L;

  private final EnumMap<OutputTopic, String> topics;

  OutputSerializer(Map<OutputTopic, String> topics) {
    this.topics = new EnumMap<>(topics);
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      OutputRecord answer, KafkaSinkContext context, Long timestamp) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topics.get(answer.topic()), null, null, answer.key(), answer.value());
    record.headers().add(Headers.ORIGIN, answer.origin().toString().getBytes(UTF_8));
    if (answer.reason() != null) {
      record.headers().add(Headers.REASON, answer.reason().code().getBytes(UTF_8));
    }
    if (answer.detail() != null) {
      record.headers().add(Headers.DETAIL, answer.detail().getBytes(UTF_8));
    }
    if (answer.controlPosition() > 0) {
      record
          .headers()
          .add(Headers.CONTROL_POSITION, Long.toString(answer.controlPosition()).getBytes(UTF_8));
    }
    return record;
  }
}

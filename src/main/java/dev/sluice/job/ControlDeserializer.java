package dev.sluice.job;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.state.SluiceTypes;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Kafka record of the control topic in, the same out: one each, whatever the bytes are. */
final class ControlDeserializer implements KafkaRecordDeserializationSchema<ControlRecord> {

  private static final long serialVersionUID = 1L;

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<ControlRecord> out) {
    Origin origin = new Origin(record.topic(), record.partition(), record.offset());
    RawRecord raw = new RawRecord(origin, record.timestamp(), record.key(), record.value());
    out.collect(CommandDecoder.record(raw));
  }

  @Override
  public TypeInformation<ControlRecord> getProducedType() {
    return SluiceTypes.CONTROL_RECORD;
  }
}

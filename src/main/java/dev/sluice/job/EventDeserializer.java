package dev.sluice.job;

import dev.sluice.codec.EventDecoder;
import dev.sluice.codec.InputRules;
import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.state.SluiceTypes;
import java.util.List;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Kafka record in, event out: one each, whatever the bytes are. */
final class EventDeserializer implements KafkaRecordDeserializationSchema<Event> {

  private static final long serialVersionUID = 1L;

  private final String[] labels;
  private final InputRules rules;

  private transient @Nullable EventDecoder decoder;

  EventDeserializer(List<String> labels, InputRules rules) {
    this.labels = labels.toArray(String[]::new);
    this.rules = rules;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    decoder = new EventDecoder(List.of(labels), rules);
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Event> out) {
    if (decoder == null) {
      throw new IllegalStateException("deserialize was called before open");
    }
    Origin origin = new Origin(record.topic(), record.partition(), record.offset());
    out.collect(
        decoder.decode(new RawRecord(origin, record.timestamp(), record.key(), record.value())));
  }

  @Override
  public TypeInformation<Event> getProducedType() {
    return SluiceTypes.EVENT;
  }
}

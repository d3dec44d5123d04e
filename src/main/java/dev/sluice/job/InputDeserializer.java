package dev.sluice.job;

import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.util.function.Function;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.flink.util.function.SerializableSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Kafka record in, what it says out: one each, whatever the bytes are.
 *
 * @param <T> what comes out
 */
final class InputDeserializer<T> implements KafkaRecordDeserializationSchema<T> {

  private static final long serialVersionUID = 1L;

  private final SerializableSupplier<Function<RawRecord, T>> decoders;
  private final TypeInformation<T> type;

  private transient @Nullable Function<RawRecord, T> decoder;

  /**
   * @param decoders makes each task its own
   */
  InputDeserializer(
      SerializableSupplier<Function<RawRecord, T>> decoders, TypeInformation<T> type) {
    this.decoders = decoders;
    this.type = type;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    decoder = decoders.get();
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<T> out) {
    if (decoder == null) {
      throw new IllegalStateException("deserialize was called before open");
    }
    Origin origin = new Origin(record.topic(), record.partition(), record.offset());
    out.collect(
        decoder.apply(new RawRecord(origin, record.timestamp(), record.key(), record.value())));
  }

  @Override
  public TypeInformation<T> getProducedType() {
    return type;
  }
}

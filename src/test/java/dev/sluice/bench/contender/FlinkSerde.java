package dev.sluice.bench.contender;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * The job's serializer of a type for Kafka Streams, whose stores share one among their threads.
 *
 * @param <T> what is stored
 */
final class FlinkSerde<T> implements Serde<T> {

  private final ThreadLocal<Bytes<T>> bytes;

  FlinkSerde(TypeInformation<T> type) {
    this.bytes =
        ThreadLocal.withInitial(
            () -> new Bytes<>(type.createSerializer(new SerializerConfigImpl())));
  }

  @Override
  public Serializer<T> serializer() {
    return (topic, value) -> value == null ? null : bytes.get().write(value);
  }

  @Override
  public Deserializer<T> deserializer() {
    return (topic, value) -> value == null ? null : bytes.get().read(value);
  }

  private static final class Bytes<T> {

    private final TypeSerializer<T> serializer;
    private final DataOutputSerializer out = new DataOutputSerializer(4096);
    private final DataInputDeserializer in = new DataInputDeserializer();

    Bytes(TypeSerializer<T> serializer) {
      this.serializer = serializer;
    }

    byte[] write(T value) {
      try {
        out.clear();
        serializer.serialize(value, out);
        return out.getCopyOfBuffer();
      } catch (IOException e) {
        throw new UncheckedIOException("can't write into memory", e);
      }
    }

    @Nullable T read(byte[] value) {
      try {
        in.setBuffer(value);
        return serializer.deserialize(in);
      } catch (IOException e) {
        throw new UncheckedIOException("can't read what the same serializer wrote", e);
      }
    }
  }
}

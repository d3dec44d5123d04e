package dev.sluice.fence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.streaming.api.operators.collect.CollectCoordinationResponse;

/**
 * What the coordinator answers. Flink reads an answer with its own class loader, which does not
 * know the job's: so it travels in a class of Flink's that carries a text, a number and bytes.
 */
final class FenceAnswer {

  /** The question must be asked again later. */
  static final String WAIT = "wait";

  /** What was said is taken; or, all are here. */
  static final String TAKEN = "taken";

  /** A part of what was asked for; the number is how many parts there are. */
  static final String PART = "part";

  /** All sources have passed what was committed beyond the snapshot. */
  static final String PASSED = "passed";

  /** Bytes in one message; Flink's limit (pekko.framesize) is 10 MiB. */
  private static final int PART_SIZE = 1 << 20;

  private static final TypeSerializer<byte[]> BYTES = BytePrimitiveArraySerializer.INSTANCE;

  private FenceAnswer() {}

  static CoordinationResponse of(String what) {
    return new CollectCoordinationResponse(what, 0, List.of());
  }

  static CoordinationResponse part(byte[] part, int count) {
    DataOutputSerializer out = new DataOutputSerializer(part.length + Integer.BYTES);
    try {
      BYTES.serialize(part, out);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return new CollectCoordinationResponse(PART, count, List.of(out.getCopyOfBuffer()));
  }

  /** Of a {@link #PART}: the part. */
  static byte[] bytes(CollectCoordinationResponse answer) throws IOException {
    return answer.getResults(BYTES).get(0);
  }

  /** Cuts what may be too large for one message; at least one part. */
  static List<byte[]> cut(byte[] whole) {
    List<byte[]> parts = new ArrayList<>();
    for (int at = 0; at == 0 || at < whole.length; at += PART_SIZE) {
      parts.add(Arrays.copyOfRange(whole, at, Math.min(whole.length, at + PART_SIZE)));
    }
    return parts;
  }

  static <T> byte[] write(T value, TypeSerializer<T> serializer) {
    DataOutputSerializer out = new DataOutputSerializer(256);
    try {
      serializer.serialize(value, out);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return out.getCopyOfBuffer();
  }

  static <T> T read(byte[] bytes, TypeSerializer<T> serializer) throws IOException {
    return serializer.deserialize(new DataInputDeserializer(bytes));
  }
}

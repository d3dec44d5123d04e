package dev.sluice.state;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads primitive arrays in bulk, little-endian, without their lengths: a copy of memory
 * instead of a call for each element. Owned by one serializer, for the sake of its buffer.
 */
final class BulkArrays implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int BUFFER_BYTES = 8192;
  private static final int LONGS = BUFFER_BYTES / Long.BYTES;
  private static final int INTS = BUFFER_BYTES / Integer.BYTES;

  private transient byte @Nullable [] buffer;

  void write(DataOutputView out, double[] values) throws IOException {
    write(out, values, values.length);
  }

  /** Writes the first ones. */
  void write(DataOutputView out, double[] values, int length) throws IOException {
    byte[] bytes = buffer();
    DoubleBuffer view = littleEndian(bytes).asDoubleBuffer();
    for (int i = 0; i < length; i += LONGS) {
      int n = Math.min(LONGS, length - i);
      view.clear().put(values, i, n);
      out.write(bytes, 0, n * Double.BYTES);
    }
  }

  double[] readDoubles(DataInputView in, int length) throws IOException {
    double[] values = new double[length];
    readDoubles(in, values, length);
    return values;
  }

  /** Reads the first ones of an array. */
  void readDoubles(DataInputView in, double[] values, int length) throws IOException {
    byte[] bytes = buffer();
    DoubleBuffer view = littleEndian(bytes).asDoubleBuffer();
    for (int i = 0; i < length; i += LONGS) {
      int n = Math.min(LONGS, length - i);
      in.readFully(bytes, 0, n * Double.BYTES);
      view.clear().get(values, i, n);
    }
  }

  /** Writes how numbers differ from others, bit by bit but for the order: the sign is last. */
  void writeDifferences(DataOutputView out, double[] from, double[] values, int length)
      throws IOException {
    byte[] bytes = buffer();
    int end = 0;
    for (int i = 0; i < length; i++) {
      if (end > BUFFER_BYTES - Wire.MAX_VAR_LONG) {
        out.write(bytes, 0, end);
        end = 0;
      }
      long rest =
          Long.rotateLeft(
              Double.doubleToRawLongBits(values[i]) ^ Double.doubleToRawLongBits(from[i]), 1);
      while ((rest & ~0x7FL) != 0) {
        bytes[end++] = (byte) (rest | 0x80);
        rest >>>= 7;
      }
      bytes[end++] = (byte) rest;
    }
    out.write(bytes, 0, end);
  }

  /** Reads what {@link #writeDifferences} wrote. */
  void readDifferences(DataInputView in, double[] from, double[] values, int length)
      throws IOException {
    for (int i = 0; i < length; i++) {
      long bits = Long.rotateRight(Wire.readVarLong(in), 1);
      values[i] = Double.longBitsToDouble(bits ^ Double.doubleToRawLongBits(from[i]));
    }
  }

  void write(DataOutputView out, long[] values) throws IOException {
    byte[] bytes = buffer();
    LongBuffer view = littleEndian(bytes).asLongBuffer();
    for (int i = 0; i < values.length; i += LONGS) {
      int n = Math.min(LONGS, values.length - i);
      view.clear().put(values, i, n);
      out.write(bytes, 0, n * Long.BYTES);
    }
  }

  long[] readLongs(DataInputView in, int length) throws IOException {
    byte[] bytes = buffer();
    LongBuffer view = littleEndian(bytes).asLongBuffer();
    long[] values = new long[length];
    for (int i = 0; i < length; i += LONGS) {
      int n = Math.min(LONGS, length - i);
      in.readFully(bytes, 0, n * Long.BYTES);
      view.clear().get(values, i, n);
    }
    return values;
  }

  void write(DataOutputView out, int[] values) throws IOException {
    byte[] bytes = buffer();
    IntBuffer view = littleEndian(bytes).asIntBuffer();
    for (int i = 0; i < values.length; i += INTS) {
      int n = Math.min(INTS, values.length - i);
      view.clear().put(values, i, n);
      out.write(bytes, 0, n * Integer.BYTES);
    }
  }

  int[] readInts(DataInputView in, int length) throws IOException {
    byte[] bytes = buffer();
    IntBuffer view = littleEndian(bytes).asIntBuffer();
    int[] values = new int[length];
    for (int i = 0; i < length; i += INTS) {
      int n = Math.min(INTS, length - i);
      in.readFully(bytes, 0, n * Integer.BYTES);
      view.clear().get(values, i, n);
    }
    return values;
  }

  private byte[] buffer() {
    if (buffer == null) {
      buffer = new byte[BUFFER_BYTES];
    }
    return buffer;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

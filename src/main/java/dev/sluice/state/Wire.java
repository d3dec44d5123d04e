package dev.sluice.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** The small pieces of every format: lengths, byte arrays, texts, flags. */
final class Wire {

  /** The longest byte array, far beyond what a broker takes. */
  static final int MAX_BYTES = 1 << 30;

  /** What is allocated on the word of a length alone; more only as the bytes really come. */
  private static final int TRUSTED_BYTES = 1 << 20;

  private static final int NULL_LENGTH = -1;

  /** Bytes of the longest {@link #writeVarLong}. */
  static final int MAX_VAR_LONG = 10;

  private Wire() {}

  /** Writes a length that {@link #readLength} accepts under the same bound. */
  static void writeLength(DataOutputView out, String what, int length, int max) throws IOException {
    out.writeInt(checked(what, length, max));
  }

  /** Reads a length; corrupt ones are refused before anything is allocated. */
  static int readLength(DataInputView in, String what, int max) throws IOException {
    return checked(what, in.readInt(), max);
  }

  static void writeText(DataOutputView out, String what, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    writeLength(out, what, bytes.length, MAX_BYTES);
    out.write(bytes);
  }

  static String readText(DataInputView in, String what) throws IOException {
    return text(readFully(in, readLength(in, what, MAX_BYTES)), what);
  }

  static void writeNullableText(DataOutputView out, String what, @Nullable String text)
      throws IOException {
    writeNullableBytes(out, what, text == null ? null : text.getBytes(UTF_8));
  }

  static @Nullable String readNullableText(DataInputView in, String what) throws IOException {
    byte[] bytes = readNullableBytes(in, what);
    return bytes == null ? null : text(bytes, what);
  }

  static void writeNullableBytes(DataOutputView out, String what, byte @Nullable [] bytes)
      throws IOException {
    if (bytes == null) {
      out.writeInt(NULL_LENGTH);
      return;
    }
    writeLength(out, what, bytes.length, MAX_BYTES);
    out.write(bytes);
  }

  static byte @Nullable [] readNullableBytes(DataInputView in, String what) throws IOException {
    int length = in.readInt();
    return length == NULL_LENGTH ? null : readFully(in, checked(what, length, MAX_BYTES));
  }

  static boolean readFlag(DataInputView in, String what) throws IOException {
    byte flag = in.readByte();
    if (flag != 0 && flag != 1) {
      throw new IOException("corrupt bytes: " + what + " (" + flag + ") is neither 0 nor 1");
    }
    return flag == 1;
  }

  private static String text(byte[] bytes, String what) throws IOException {
    String text = new String(bytes, UTF_8);
    boolean replaced = text.indexOf('\uFFFD') >= 0;
    if (replaced && !Arrays.equals(text.getBytes(UTF_8), bytes)) {
      throw new IOException("corrupt bytes: " + what + " is not UTF-8");
    }
    return text;
  }

  private static byte[] readFully(DataInputView in, int length) throws IOException {
    byte[] bytes = new byte[Math.min(length, TRUSTED_BYTES)];
    in.readFully(bytes);
    while (bytes.length < length) {
      int known = bytes.length;
      bytes = Arrays.copyOf(bytes, (int) Math.min(length, known * 2L));
      in.readFully(bytes, known, bytes.length - known);
    }
    return bytes;
  }

  private static int checked(String what, int length, int max) throws IOException {
    if (length < 0 || length > max) {
      throw new IOException("the length of %s (%s) must be 0 to %s".formatted(what, length, max));
    }
    return length;
  }

  /** Seven bits a byte, the lowest first; small numbers are short. */
  static void writeVarLong(DataOutputView out, long value) throws IOException {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.writeByte((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  /** Reads what {@link #writeVarLong} wrote. */
  static long readVarLong(DataInputView in) throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.readByte();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IOException("corrupt bytes: a number has more than 64 bits");
  }
}

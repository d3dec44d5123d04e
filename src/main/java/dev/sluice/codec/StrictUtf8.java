package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Checks UTF-8 as strictly as the Unicode Standard (table 3-7) defines it: no overlong forms, no
 * surrogates, nothing above U+10FFFF. Jackson alone accepts the first two.
 */
final class StrictUtf8 {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long NON_ASCII = 0x8080808080808080L;

  private StrictUtf8() {}

  /** Where the first invalid sequence starts, or -1 if there is none. */
  static int firstInvalid(byte[] bytes) {
    int i = 0;
    while (i < bytes.length) {
      if (i + Long.BYTES <= bytes.length && ((long) LONGS.get(bytes, i) & NON_ASCII) == 0) {
        i += Long.BYTES;
        continue;
      }
      int length = sequenceLength(bytes, i);
      if (length == 0) {
        return i;
      }
      i += length;
    }
    return -1;
  }

  /** Whether the bytes are exactly the UTF-8 of the text. */
  static boolean encodes(byte[] bytes, String text) {
    if (text.length() == bytes.length) {
      for (int i = 0; i < bytes.length; i++) {
        if (text.charAt(i) != bytes[i]) {
          return false;
        }
      }
      return true;
    }
    return text.length() < bytes.length && Arrays.equals(bytes, text.getBytes(UTF_8));
  }

  /** Whether the text has a surrogate without its other half, so that no UTF-8 exists for it. */
  static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /** The length of the well-formed sequence at {@code i}, 0 if it is not well-formed. */
  private static int sequenceLength(byte[] bytes, int i) {
    int first = bytes[i] & 0xFF;
    if (first < 0x80) {
      return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
      return 0;
    }
    if (first < 0xE0) {
      return isWithin(bytes, i + 1, 0x80, 0xBF) ? 2 : 0;
    }
    if (first < 0xF0) {
      int low = first == 0xE0 ? 0xA0 : 0x80;
      int high = first == 0xED ? 0x9F : 0xBF;
      return isWithin(bytes, i + 1, low, high) && isWithin(bytes, i + 2, 0x80, 0xBF) ? 3 : 0;
    }
    int low = first == 0xF0 ? 0x90 : 0x80;
    int high = first == 0xF4 ? 0x8F : 0xBF;
    return isWithin(bytes, i + 1, low, high)
            && isWithin(bytes, i + 2, 0x80, 0xBF)
            && isWithin(bytes, i + 3, 0x80, 0xBF)
        ? 4
        : 0;
  }

  private static boolean isWithin(byte[] bytes, int i, int low, int high) {
    return i < bytes.length && (bytes[i] & 0xFF) >= low && (bytes[i] & 0xFF) <= high;
  }
}

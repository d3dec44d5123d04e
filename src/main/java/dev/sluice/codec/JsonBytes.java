package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;

/** A growing buffer of JSON in UTF-8, used for one record after the other. */
final class JsonBytes {

  private static final byte[] HEX = "0123456789abcdef".getBytes(UTF_8);
  private static final int MAX_KEPT_BYTES = 1 << 16;

  private static final long MS_A_DAY = 86_400_000;

  private byte[] bytes = new byte[512];
  private int size;

  /** The day of the last time, which the next one often shares. */
  private long dayWritten = Long.MIN_VALUE;

  private String dayText = "";

  /** Forgets the record before. */
  void clear() {
    size = 0;
    bytes = bytes.length > MAX_KEPT_BYTES ? new byte[512] : bytes;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** Appends what is JSON already. */
  JsonBytes raw(byte[] json) {
    reserve(json.length);
    System.arraycopy(json, 0, bytes, size, json.length);
    size += json.length;
    return this;
  }

  /** Appends ASCII that is JSON already. */
  @SuppressWarnings("deprecation") // the fastest way for ASCII, which it is right for
  JsonBytes raw(String json) {
    int length = json.length();
    reserve(length);
    json.getBytes(0, length, bytes, size);
    size += length;
    return this;
  }

  int size() {
    return size;
  }

  /** Appends once more what stands between these positions. */
  JsonBytes again(int from, int to) {
    reserve(to - from);
    System.arraycopy(bytes, from, bytes, size, to - from);
    size += to - from;
    return this;
  }

  /**
   * Appends a time of the years 0001 to 9999 as ISO-8601 in UTC, as {@link Instant#toString} does:
   * milliseconds only if there are any.
   */
  JsonBytes time(long epochMs) {
    reserve(32);
    long day = Math.floorDiv(epochMs, MS_A_DAY);
    int ms = (int) (epochMs - day * MS_A_DAY);
    if (day != dayWritten) {
      dayWritten = day;
      dayText = LocalDate.ofEpochDay(day).toString();
    }
    raw(dayText);
    bytes[size++] = 'T';
    digits(ms / 3_600_000, 2);
    bytes[size++] = ':';
    digits(ms / 60_000 % 60, 2);
    bytes[size++] = ':';
    digits(ms / 1_000 % 60, 2);
    if (ms % 1_000 != 0) {
      bytes[size++] = '.';
      digits(ms % 1_000, 3);
    }
    bytes[size++] = 'Z';
    return this;
  }

  private void digits(int number, int count) {
    int rest = number;
    for (int i = count - 1; i >= 0; i--) {
      bytes[size + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    size += count;
  }

  /** Appends a string in quotes. */
  JsonBytes string(String text) {
    reserve(text.length() * 6 + 2);
    bytes[size++] = '"';
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        nonAscii(text, i);
        return this;
      }
      escaped(c);
    }
    bytes[size++] = '"';
    return this;
  }

  JsonBytes number(long number) {
    reserve(20);
    size = NumberOutput.outputLong(number, bytes, size);
    return this;
  }

  /** Appends the shortest decimal that reads back as the same double; null if it is not finite. */
  JsonBytes number(double number) {
    return raw(Double.isFinite(number) ? NumberOutput.toString(number, true) : "null");
  }

  private void nonAscii(String text, int from) {
    for (byte b : text.substring(from).getBytes(UTF_8)) {
      escaped((char) (b & 0xFF));
    }
    bytes[size++] = '"';
  }

  /** Appends one unit of UTF-8; only ASCII is ever escaped. */
  private void escaped(char c) {
    if (c == '"' || c == '\\') {
      bytes[size++] = '\\';
      bytes[size++] = (byte) c;
    } else if (c >= ' ') {
      bytes[size++] = (byte) c;
    } else {
      bytes[size++] = '\\';
      bytes[size++] = 'u';
      bytes[size++] = '0';
      bytes[size++] = '0';
      bytes[size++] = HEX[c >> 4];
      bytes[size++] = HEX[c & 0xF];
    }
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}

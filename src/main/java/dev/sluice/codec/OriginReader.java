package dev.sluice.codec;

import dev.sluice.event.Origin;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads many origin headers: as {@link Headers#origin}, but keeps the topic's text from one to the
 * next, because most records of a partition answer the same topic. Used by one thread.
 */
public final class OriginReader {

  private byte[] topicBytes = new byte[0];
  private String topic = "";

  /** The origin, or null if the bytes are none. */
  public @Nullable Origin read(byte[] header) {
    int second = lastSlash(header, header.length);
    int first = lastSlash(header, second);
    long partition = number(header, first + 1, second);
    long offset = number(header, second + 1, header.length);
    if (first <= 0 || partition < 0 || partition > Integer.MAX_VALUE || offset < 0) {
      return null;
    }
    if (topicBytes.length != first || !startsWithTopic(header)) {
      topicBytes = Arrays.copyOf(header, first);
      topic = Headers.text(topicBytes);
    }
    return new Origin(topic, (int) partition, offset);
  }

  /** Reads the header of a control position; 0 if there is none, or the bytes are none. */
  public static long controlPosition(byte @Nullable [] header) {
    return header == null ? 0 : Math.max(0, number(header, 0, header.length));
  }

  private boolean startsWithTopic(byte[] header) {
    return Arrays.equals(header, 0, topicBytes.length, topicBytes, 0, topicBytes.length);
  }

  private static int lastSlash(byte[] header, int end) {
    int at = end - 1;
    while (at >= 0 && header[at] != '/') {
      at--;
    }
    return at;
  }

  /** The decimal number in a range of bytes; -1 if it is none or too large. */
  private static long number(byte[] header, int from, int to) {
    if (to - from < 1 || to - from > 18) {
      return -1;
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = header[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}

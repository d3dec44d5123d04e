package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Origin;
import dev.sluice.event.Reason;

/** Names the headers of the output records and turns their values into bytes and back. */
public final class Headers {

  /** On every output record: the input record that it answers, {@code topic/partition/offset}. */
  public static final String ORIGIN = "sluice-origin";

  /** On a dead letter: the fixed code, {@link Reason#code()}. */
  public static final String REASON = "sluice-reason";

  /** On a dead letter: what was found and what was expected, for people. */
  public static final String DETAIL = "sluice-detail";

  /**
   * On an answer of a job that has had control commands: the offset of the control topic below
   * which they were in effect, decimal digits. Absent for 0.
   */
  public static final String CONTROL_POSITION = "sluice-control-position";

  /** On a dead letter whose value is cut: the bytes that its input's value had, a decimal. */
  public static final String VALUE_LENGTH = "sluice-value-length";

  /** With {@link #VALUE_LENGTH}: the SHA-256 of all of them, hexadecimal. */
  public static final String VALUE_SHA256 = "sluice-value-sha256";

  /** On a dead letter whose key is cut: the bytes that its input's key had, a decimal. */
  public static final String KEY_LENGTH = "sluice-key-length";

  /** With {@link #KEY_LENGTH}: the SHA-256 of all of them, hexadecimal. */
  public static final String KEY_SHA256 = "sluice-key-sha256";

  /** On an input that was deferred before: the deferred record, {@code topic/partition/offset}. */
  public static final String REPLAY_OF = "sluice-replay-of";

  /**
   * On an input that {@code sluice feed} has sent: which feed, and how many of its events the
   * partition held then, {@code name/count}. The job does not read it.
   */
  public static final String FEED = "sluice-feed";

  /**
   * On an input with {@link #FEED} that came only since its file ended there: how many rows the
   * file had, a decimal. What comes later in a file that grows goes behind it. The job does not
   * read it.
   */
  public static final String FEED_END = "sluice-feed-end";

  /**
   * On an input with {@link #FEED} of the last row of a file that had no line end: the row's number
   * and a fingerprint of its text, {@code row/fingerprint}, by which it is noticed that the row
   * went on. The job does not read it.
   */
  public static final String FEED_OPEN_ROW = "sluice-feed-open-row";

  private Headers() {}

  /** A text as a header's value. */
  public static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** The value of {@link #ORIGIN}. */
  public static byte[] originBytes(Origin origin) {
    return bytes(origin.toString());
  }

  /** The value of {@link #REASON}. */
  public static byte[] reasonBytes(Reason reason) {
    return bytes(reason.code());
  }

  /** The value of {@link #DETAIL}. */
  public static byte[] detailBytes(String detail) {
    return bytes(detail);
  }

  /** Any header's value as text. */
  public static String text(byte[] value) {
    return new String(value, UTF_8);
  }
}

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

  /** On an input that was deferred before: the deferred record, {@code topic/partition/offset}. */
  public static final String REPLAY_OF = "sluice-replay-of";

  private Headers() {}

  /** The value of {@link #ORIGIN}. */
  public static byte[] originBytes(Origin origin) {
    return origin.toString().getBytes(UTF_8);
  }

  /**
   * Reads the value of {@link #ORIGIN}.
   *
   * @throws IllegalArgumentException if it is not {@code topic/partition/offset}
   */
  public static Origin origin(byte[] value) {
    return Origin.parse(text(value));
  }

  /** The value of {@link #REASON}. */
  public static byte[] reasonBytes(Reason reason) {
    return reason.code().getBytes(UTF_8);
  }

  /** The value of {@link #DETAIL}. */
  public static byte[] detailBytes(String detail) {
    return detail.getBytes(UTF_8);
  }

  /** Any header's value as text. */
  public static String text(byte[] value) {
    return new String(value, UTF_8);
  }
}

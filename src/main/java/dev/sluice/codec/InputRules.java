package dev.sluice.codec;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a job asks of an event beyond the data contract. Each rule is about one record alone, so a
 * record that comes again, after a restore or to another task, is judged as it was before.
 *
 * @param maxFeatures how many features an observation may have at most
 * @param declared which features it may have; null for any
 * @param farthestMs how far the event's time may be from its record's; {@link #ANY_TIME} for any
 */
public record InputRules(int maxFeatures, @Nullable DeclaredFeatures declared, long farthestMs)
    implements Serializable {

  /** An event's time may be anything. */
  public static final long ANY_TIME = Long.MAX_VALUE;

  /** For a job with no rule but a bound. */
  public static InputRules of(int maxFeatures) {
    return new InputRules(maxFeatures, null, ANY_TIME);
  }

  /**
   * How far an event's time is from its record's, in milliseconds.
   *
   * @param arrivalMs the record's; negative if it has none
   * @return 0 if the record has none
   */
  public static long distanceMs(long timeMs, long arrivalMs) {
    return arrivalMs < 0 ? 0 : Math.abs(timeMs - arrivalMs);
  }
}

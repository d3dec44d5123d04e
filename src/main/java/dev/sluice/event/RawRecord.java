package dev.sluice.event;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An input record exactly as Kafka holds it. The arrays are owned by the record: never modified.
 *
 * @param origin its position
 * @param arrivalMs the Kafka record's timestamp, epoch milliseconds; timeouts count from it
 * @param key the record key, null if it had none
 * @param value the record value, null for a tombstone
 */
public record RawRecord(
    Origin origin, long arrivalMs, byte @Nullable [] key, byte @Nullable [] value) {

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RawRecord that
        && origin.equals(that.origin)
        && arrivalMs == that.arrivalMs
        && Arrays.equals(key, that.key)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return origin.hashCode();
  }

  @Override
  public String toString() {
    return "RawRecord[" + origin + ", " + (value == null ? "null" : value.length + " bytes") + "]";
  }
}

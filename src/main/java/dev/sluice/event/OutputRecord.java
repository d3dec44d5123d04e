package dev.sluice.event;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An encoded answer, ready for Kafka. The arrays are owned by the record: never modified.
 *
 * @param topic where it goes
 * @param origin the input record that it answers: the {@code sluice-origin} header
 * @param key the input record's key, a control command's id; null if it had none
 * @param value the answer's bytes; null only for a dead letter whose input was a tombstone
 * @param reason the {@code sluice-reason} header of a dead letter, else null
 * @param detail the {@code sluice-detail} header of a dead letter, else null
 * @param controlPosition the control commands in effect: those below this offset of the control
 *     topic; the {@code sluice-control-position} header, 0 for none
 */
public record OutputRecord(
    OutputTopic topic,
    Origin origin,
    byte @Nullable [] key,
    byte @Nullable [] value,
    @Nullable Reason reason,
    @Nullable String detail,
    long controlPosition) {

  /** An answer that no control command has had a part in. */
  public OutputRecord(
      OutputTopic topic,
      Origin origin,
      byte @Nullable [] key,
      byte @Nullable [] value,
      @Nullable Reason reason,
      @Nullable String detail) {
    this(topic, origin, key, value, reason, detail, 0);
  }

  /** The same answer under control commands. */
  public OutputRecord under(long position) {
    return position == controlPosition
        ? this
        : new OutputRecord(topic, origin, key, value, reason, detail, position);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OutputRecord that
        && topic == that.topic
        && origin.equals(that.origin)
        && Arrays.equals(key, that.key)
        && Arrays.equals(value, that.value)
        && reason == that.reason
        && Objects.equals(detail, that.detail)
        && controlPosition == that.controlPosition;
  }

  @Override
  public int hashCode() {
    return origin.hashCode();
  }

  @Override
  public String toString() {
    return "OutputRecord[" + topic + " for " + origin + "]";
  }
}

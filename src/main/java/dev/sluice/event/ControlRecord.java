package dev.sluice.event;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A record of the control topic on its way to every task, and the result of reading the one file
 * that it may name. The array is owned by the record: never modified.
 *
 * @param raw the record as it came
 * @param refusal why the model that it names can't be used, null if it can or none is named
 * @param model the bytes of the model that it names, null if none is named or it can't be used
 */
public record ControlRecord(RawRecord raw, @Nullable String refusal, byte @Nullable [] model) {

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ControlRecord that
        && raw.equals(that.raw)
        && Objects.equals(refusal, that.refusal)
        && Arrays.equals(model, that.model);
  }

  @Override
  public int hashCode() {
    return raw.hashCode();
  }

  @Override
  public String toString() {
    return "ControlRecord[%s, %s, model of %s bytes]"
        .formatted(
            raw.origin(),
            refusal == null ? "not refused" : refusal,
            model == null ? 0 : model.length);
  }
}

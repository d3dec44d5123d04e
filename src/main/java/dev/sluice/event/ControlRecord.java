package dev.sluice.event;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A record of the control topic on its way to every task, and the result of reading the one file
 * that it may name. Decoded where it is made, so that nothing behind it decodes it again.
 */
public sealed interface ControlRecord {

  /** The record as it came; it alone says what {@link #decoded} is. */
  RawRecord raw();

  /** What it asks for. */
  DecodedCommand decoded();

  /** One that names no model, or whose model is not read yet. */
  record Plain(RawRecord raw, DecodedCommand decoded) implements ControlRecord {}

  /**
   * One that is not carried out, whatever it asks for.
   *
   * @param reason for people
   */
  record Refused(RawRecord raw, DecodedCommand decoded, String reason) implements ControlRecord {}

  /**
   * One with the model that it names.
   *
   * @param model the file's bytes; owned by the record: never modified
   */
  record WithModel(RawRecord raw, DecodedCommand decoded, byte[] model) implements ControlRecord {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof WithModel that
          && raw.equals(that.raw)
          && Arrays.equals(model, that.model);
    }

    @Override
    public int hashCode() {
      return raw.hashCode();
    }

    @Override
    public String toString() {
      return "WithModel[%s, model of %s bytes]".formatted(raw.origin(), model.length);
    }
  }

  /** The same command, refused. */
  default ControlRecord refused(String reason) {
    return new Refused(raw(), decoded(), reason);
  }

  /** The same command with the model that it names. */
  default ControlRecord with(byte[] model) {
    return new WithModel(raw(), decoded(), model);
  }
}

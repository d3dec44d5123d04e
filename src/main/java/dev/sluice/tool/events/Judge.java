package dev.sluice.tool.events;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Asks the job's decoder what it would make of a line of a file. */
final class Judge {

  private static final int NO_TIME = -1;

  private Judge() {}

  /** The event that the job would see; without a key, the decoder says so. */
  static Event event(EventDecoder decoder, @Nullable String key, long line, byte[] json) {
    byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    return decoder.decode(new RawRecord(new Origin("file", 0, line), NO_TIME, keyBytes, json));
  }

  /** Why the job could not use it; null if it could. */
  static @Nullable String problem(Event event) {
    return event instanceof Malformed malformed
        ? malformed.reason().code() + ": " + malformed.detail()
        : null;
  }
}

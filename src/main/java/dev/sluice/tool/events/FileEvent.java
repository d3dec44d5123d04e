package dev.sluice.tool.events;

import java.nio.charset.StandardCharsets;

/**
 * An event that a file holds.
 *
 * @param line where it begins in the file, from 1
 * @param id joins an observation and its outcome
 * @param key the entity
 * @param timeMs when it happened, epoch milliseconds
 * @param json the event as the contract's JSON, UTF-8; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record FileEvent(long line, String id, String key, long timeMs, byte[] json)
    implements InputEvent {

  @Override
  public byte[] keyBytes() {
    return key.getBytes(StandardCharsets.UTF_8);
  }
}

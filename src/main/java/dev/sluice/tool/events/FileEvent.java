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
 * @param endRow as {@link InputEvent#endRow}
 * @param openRow as {@link InputEvent#openRow}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record FileEvent(
    long line, String id, String key, long timeMs, byte[] json, long endRow, String openRow)
    implements InputEvent {

  /** One that comes here wherever the file ends. */
  public FileEvent(long line, String id, String key, long timeMs, byte[] json) {
    this(line, id, key, timeMs, json, -1, "");
  }

  /** The same event, which comes here since the file ends. */
  FileEvent atEnd(long rows) {
    return new FileEvent(line, id, key, timeMs, json, rows, openRow);
  }

  /** The same event, of a row without a line end. */
  FileEvent open(String mark) {
    return new FileEvent(line, id, key, timeMs, json, endRow, mark);
  }

  @Override
  public byte[] keyBytes() {
    return key.getBytes(StandardCharsets.UTF_8);
  }
}

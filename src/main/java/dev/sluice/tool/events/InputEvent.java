package dev.sluice.tool.events;

/** One event as it goes into the job's topic. */
public interface InputEvent {

  /** The id that joins an observation and its outcome. */
  String id();

  /** The key of its Kafka record, UTF-8. */
  byte[] keyBytes();

  /** When it happened, epoch milliseconds. */
  long timeMs();

  /** The event as the contract's JSON, UTF-8. */
  byte[] json();

  /**
   * How many rows the file had at its end, if the event comes here only since it ended; -1 for
   * every other event.
   */
  default long endRow() {
    return -1;
  }

  /** The mark of a row that has no line end, {@link OpenRow}; empty for every other event. */
  default String openRow() {
    return "";
  }
}

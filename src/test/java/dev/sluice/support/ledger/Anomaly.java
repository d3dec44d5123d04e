package dev.sluice.support.ledger;

/** Each way in which the ledger law can be broken. */
public enum Anomaly {
  /** An input record below the bound that no output topic answers and no savepoint holds: lost. */
  GAP("answered nowhere and held nowhere"),

  /** An input record with more than one answer, or with one although the savepoint holds it. */
  DUPLICATE("answered more than once"),

  /** An answer whose origin is absent, unreadable, or no record of the input topics: invented. */
  FOREIGN("answers to no input record"),

  /** An answer to an input record at or above the bound: a resume would produce it again. */
  AHEAD("answered beyond the savepoint's offsets"),

  /**
   * A prediction or deferral of what is no observation, an evaluation of what is no outcome, or a
   * dead letter that gives no reason.
   */
  WRONG_TOPIC("answered in the wrong topic"),

  /** An answer that carries another id or key than the record at its origin: two were swapped. */
  MIXED_UP("answers that name another event"),

  /** A dead letter or deferral whose key or value is not, byte for byte, that of its origin. */
  CHANGED_BYTES("returned with other bytes than they came with"),

  /** A transaction with the job's prefix that is neither committed nor aborted: readers wait. */
  OPEN_TRANSACTION("transactions left open"),

  /** An output partition whose last stable offset is below its end: readers can't reach the end. */
  UNREADABLE_END("output partitions that can't be read to their end");

  private final String words;

  Anomaly(String words) {
    this.words = words;
  }

  /** The definition in a few words, for messages. */
  String words() {
    return words;
  }
}

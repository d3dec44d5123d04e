package dev.sluice.tool.audit;

import java.util.Locale;

/** Each way in which the ledger law can be broken. */
public enum Anomaly {
  /** An input below the bound that no output topic answers and no snapshot holds: lost. */
  GAP("inputs that are answered nowhere and held nowhere"),

  /**
   * Every answer to an input but its first; and the one answer of an input that the snapshot holds
   * unanswered, because a resume gives it again.
   */
  DUPLICATE("answers to inputs that are answered already"),

  /** A record whose origin is absent, unreadable, or no record of the input topics. */
  FOREIGN("records that answer no input"),

  /** Every time but the first that a deferred record came back as an input. */
  REPLAYED_TWICE("deferred records that were fed back already"),

  /** An answer at or above the bound of a stopped job: a resume would give it again. */
  BEYOND("answers to inputs that the snapshot does not count as read"),

  /** A transaction of the stopped job that has not ended. */
  OPEN_TRANSACTION("transactions that are neither committed nor aborted"),

  /** An output partition of a stopped job whose last stable offset is below its end. */
  UNREADABLE_END("output partitions that can't be read to their end");

  private final String words;

  Anomaly(String words) {
    this.words = words;
  }

  /** The name in the JSON form. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What is counted, in a few words. */
  public String words() {
    return words;
  }
}

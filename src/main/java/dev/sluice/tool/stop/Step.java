package dev.sluice.tool.stop;

import java.util.Locale;

/** A stop's steps, in their order; each is a line of the receipt. */
public enum Step {
  /** Is everything there that the stop will need? Touches nothing. */
  PREFLIGHT,
  /** Records the request, then asks for the stop. */
  REQUEST,
  /** Waits for the savepoint. */
  SAVEPOINT,
  /** Waits for the job's end. */
  FINISHED,
  /** Asks the brokers for the fate of every transaction in the savepoint. */
  COMMITTED,
  /** Reads the savepoint: every file, every model. */
  SANE,
  /** Writes the receipt. */
  RECEIPT;

  /** The name in receipts, trails and metrics. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}

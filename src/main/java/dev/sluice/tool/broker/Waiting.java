package dev.sluice.tool.broker;

import java.util.Locale;

/**
 * How many records wait for a reader.
 *
 * @param records how many, as far as that is known
 * @param known how far
 */
public record Waiting(long records, Known known) {

  /** What the number says. */
  public enum Known {
    EXACTLY,
    AT_MOST,
    NOT
  }

  public static final Waiting NONE = new Waiting(0, Known.EXACTLY);

  /** An unknown number. */
  public static final Waiting UNKNOWN = new Waiting(0, Known.NOT);

  /** Whether some are known to wait. */
  public boolean isAny() {
    return records > 0;
  }

  public boolean isKnown() {
    return known != Known.NOT;
  }

  /** Before the word for what waits. */
  public String inWords() {
    return switch (known) {
      case EXACTLY -> String.format(Locale.ROOT, "%,d", records);
      case AT_MOST -> String.format(Locale.ROOT, "up to %,d", records);
      case NOT -> "an unknown number of";
    };
  }
}

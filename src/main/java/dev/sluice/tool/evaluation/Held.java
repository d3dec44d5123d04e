package dev.sluice.tool.evaluation;

import dev.sluice.event.Event.Outcome;
import dev.sluice.model.Pending;
import java.io.IOException;

/** Counts what an offline run holds in memory, and ends it before there is no more. */
final class Held {

  /** A model each. */
  static final int MOST_KEYS = 200_000;

  /** Bytes of a key in addition to its model: entries of maps, baseline, sums. */
  private static final int OF_KEY = 600;

  /** Bytes of a prediction or outcome without its arrays: entries of maps, records, names. */
  private static final int OF_HALF = 600;

  private static final int ARRAY = 24;
  private static final double MEGABYTE = 1e6;

  private final int oneIn;
  private final long mostBytes;
  private long bytes;

  /**
   * @param oneIn of how many keys one takes part, for the message
   * @param mostBytes that may be held
   */
  Held(int oneIn, long mostBytes) {
    this.oneIn = oneIn;
    this.mostBytes = mostBytes;
  }

  /** Bytes of a prediction that waits, give or take. */
  static long bytes(Pending.Predicted waiting, String key, String id) {
    double[] outputs = waiting.challengerOutputs();
    int columns = waiting.features().indices().length;
    int raw = waiting.raw() == null ? 0 : waiting.raw().indices().length;
    return OF_HALF
        + 2L * (key.length() + id.length())
        + (columns + raw) * (long) (Integer.BYTES + Double.BYTES)
        + (waiting.challengers().length + 6L) * (ARRAY + (long) outputs.length * Double.BYTES);
  }

  /** Bytes of an outcome that waits, give or take. */
  static long bytes(Outcome outcome) {
    byte[] value = outcome.raw().value();
    return OF_HALF + 4L * outcome.key().length() + (value == null ? 0 : value.length);
  }

  /** Bytes of a key whose model takes so many. */
  static long ofKey(String key, long model) {
    return OF_KEY + 2L * key.length() + model;
  }

  /** Counts what is held from now on, or, below 0, no longer. */
  void add(long more) {
    bytes += more;
  }

  /**
   * Whether another event may be taken.
   *
   * @throws IOException if there is too much already; it says what to do
   */
  void check(int keys, int awaited) throws IOException {
    if (keys <= MOST_KEYS && bytes <= mostBytes) {
      return;
    }
    String why =
        keys > MOST_KEYS
            ? "the events have more than %,d keys, each with models of its own".formatted(MOST_KEYS)
            : "the models of %,d keys and %,d events that wait for their other half take more than %,.0f MB, half of this program's memory"
                .formatted(keys, awaited, mostBytes / MEGABYTE);
    throw new IOException(
        ("%s: take one key in %s with --sample %s, whose figures are those that these keys have in a whole run, or events "
                + "of a shorter time%s")
            .formatted(
                why,
                2 * oneIn,
                2 * oneIn,
                keys > MOST_KEYS
                    ? ""
                    : ", or give more memory, as java -Xmx8g or JAVA_TOOL_OPTIONS does"));
  }
}

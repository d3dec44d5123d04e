package dev.sluice.bench.stop;

import java.util.ArrayList;
import java.util.List;

/**
 * The command line of {@code deploy/local/bench --stop}, whose {@code --help} explains it.
 *
 * @param keys how many have a model, ascending
 * @param rounds how often each way is measured; a third of it with more than a million keys
 * @param perSecond events that come in meanwhile
 * @param only which program is measured
 */
record StopOptions(List<Integer> keys, int rounds, int perSecond, Only only) {

  private static final int MOST_KEYS = 100_000_000;
  private static final int MANY_KEYS = 1_000_000;

  /** Which programs. */
  enum Only {
    SLUICE,
    STREAMS,
    BOTH
  }

  StopOptions {
    keys = List.copyOf(keys);
    for (int i = 0; i < keys.size(); i++) {
      int before = i == 0 ? 0 : keys.get(i - 1);
      if (keys.get(i) - before < 1_000 || keys.get(i) > MOST_KEYS) {
        throw new IllegalArgumentException(
            "--keys must ascend from 1000 to %,d in steps of 1000 or more, not %s"
                .formatted(MOST_KEYS, keys));
      }
    }
    if (rounds < 1 || rounds > 100) {
      throw new IllegalArgumentException("--rounds must be 1 to 100, not (%s)".formatted(rounds));
    }
    if (perSecond < 100 || perSecond > 5_000) {
      throw new IllegalArgumentException(
          "--rate must be 100 to 5,000, not (%s)".formatted(perSecond));
    }
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static StopOptions parse(String... words) {
    List<Integer> keys = List.of(10_000, 100_000, 1_000_000, 3_000_000);
    int rounds = 3;
    int perSecond = 1_000;
    Only only = Only.BOTH;
    for (int i = 0; i < words.length; i += 2) {
      if (i + 1 == words.length) {
        throw new IllegalArgumentException(
            "(%s) is no option, or has no value; see bench --help".formatted(words[i]));
      }
      String value = words[i + 1];
      switch (words[i]) {
        case "--keys" -> keys = numbers(value);
        case "--rounds" -> rounds = number(words[i], value);
        case "--rate" -> perSecond = number(words[i], value);
        case "--only" -> only = only(value);
        default ->
            throw new IllegalArgumentException(
                "(%s) is no option of --stop; see bench --help".formatted(words[i]));
      }
    }
    return new StopOptions(keys, rounds, perSecond, only);
  }

  private static Only only(String value) {
    return switch (value) {
      case "sluice" -> Only.SLUICE;
      case "streams" -> Only.STREAMS;
      default ->
          throw new IllegalArgumentException(
              "--only must be sluice or streams, not (%s)".formatted(value));
    };
  }

  private static List<Integer> numbers(String value) {
    List<Integer> numbers = new ArrayList<>();
    for (String one : value.split(",", -1)) {
      numbers.add(number("--keys", one));
    }
    return numbers;
  }

  private static int number(String option, String text) {
    try {
      return Integer.parseInt(text.replace("_", ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be a whole number below 2^31, not (%s)".formatted(option, text), e);
    }
  }

  /** How often each way is measured with so many keys. */
  int rounds(int ofKeys) {
    return ofKeys > MANY_KEYS ? Math.max(1, rounds / 3) : rounds;
  }
}

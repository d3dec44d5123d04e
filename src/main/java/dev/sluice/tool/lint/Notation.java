package dev.sluice.tool.lint;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.util.TimeUtils;

/** How a kind of file writes a duration. */
enum Notation {
  FLINK("a number with its unit, as 10 s or 15 min", TimeUtils::parseDuration),
  TOOL(
      "a number above 0 with s, m or h, as 90s",
      text -> units(only("[1-9]\\d{0,6}[smh]?", text), "s")),
  SECONDS("a whole number of seconds", text -> units(only("\\d+", text), "s")),
  SYSTEMD("a time span, as 240, 4min or infinity", Notation::systemd),
  COMPOSE("a number with its unit, as 210s or 3m30s", text -> units(text, "")),
  MILLIS("a whole number of milliseconds", text -> whole(text, "ms")),
  MINUTES("a whole number of minutes", text -> whole(text, "min")),
  HOURS("a whole number of hours", text -> whole(text, "h")),

  /** The size of what is to be proved, from which the time of the proof follows. */
  PROVED_BYTES("a size with kB, MB, GB or TB, as 4.8GB", Notation::proof),

  /** So many of something; {@link Numbers} knows how long each is. */
  COUNT("a whole number", text -> units(only("\\d+", text), "s"));

  /** The size of a state that is not known. */
  static final String UNKNOWN = "unknown";

  /** What a proof is given at least. */
  static final Duration SHORTEST_PROOF = Duration.ofSeconds(60);

  /**
   * Bytes that the proof of a savepoint reads in a second, a part of what SnapshotBench measures: a
   * machine that is shared, or a store across a network, may be that much slower.
   */
  static final long PROVED_A_SECOND = 20_000_000;

  /** Means no limit, and can still be added to. */
  static final Duration FOREVER = Duration.ofDays(3_650_000);

  private static final Pattern PART =
      Pattern.compile("(\\d{1,30}(?:\\.\\d{1,9})?)\\s*([a-zµ]*)\\s*");

  private static final Pattern SIZE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*([kMGT]B)");

  private static final Map<String, String> SIZES =
      Map.of("kB", "1e3", "MB", "1e6", "GB", "1e9", "TB", "1e12");

  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("us", "0.000001"),
          Map.entry("µs", "0.000001"),
          Map.entry("ms", "0.001"),
          Map.entry("s", "1"),
          Map.entry("sec", "1"),
          Map.entry("second", "1"),
          Map.entry("seconds", "1"),
          Map.entry("m", "60"),
          Map.entry("min", "60"),
          Map.entry("minute", "60"),
          Map.entry("minutes", "60"),
          Map.entry("h", "3600"),
          Map.entry("hr", "3600"),
          Map.entry("hour", "3600"),
          Map.entry("hours", "3600"),
          Map.entry("d", "86400"),
          Map.entry("day", "86400"),
          Map.entry("days", "86400"),
          Map.entry("w", "604800"),
          Map.entry("week", "604800"),
          Map.entry("weeks", "604800"));

  private final String words;

  @SuppressWarnings("ImmutableEnumChecker") // the functions keep nothing
  private final Function<String, Duration> parser;

  Notation(String words, Function<String, Duration> parser) {
    this.words = words;
    this.parser = parser;
  }

  /** The form of a duration in it. */
  String words() {
    return words;
  }

  /**
   * Reads one; what is longer than {@link #FOREVER}, or has no end, is that.
   *
   * @throws IllegalArgumentException if it is none
   */
  Duration parse(String text) {
    Duration read = parser.apply(text.strip());
    return read.compareTo(FOREVER) > 0 ? FOREVER : read;
  }

  private static Duration proof(String text) {
    if (text.equals(UNKNOWN)) {
      return SHORTEST_PROOF;
    }
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new IllegalArgumentException(text);
    }
    BigDecimal bytes =
        new BigDecimal(size.group(1)).multiply(new BigDecimal(SIZES.get(size.group(2))));
    long seconds =
        bytes.divide(new BigDecimal(PROVED_A_SECOND), 0, RoundingMode.CEILING).longValueExact();
    Duration proof = Duration.ofSeconds(seconds);
    return proof.compareTo(SHORTEST_PROOF) < 0 ? SHORTEST_PROOF : proof;
  }

  private static Duration systemd(String text) {
    return text.equals("infinity") || text.equals("0") ? FOREVER : units(text, "s");
  }

  /** Kafka's numbers, of which -1 is no limit. */
  private static Duration whole(String text, String unit) {
    return text.equals("-1") ? FOREVER : units(only("\\d+", text), unit);
  }

  private static String only(String form, String text) {
    if (!text.matches(form)) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  /** The sum of all parts; a number alone has the unit given, or is refused if that is none. */
  private static Duration units(String text, String alone) {
    Matcher part = PART.matcher(text);
    BigDecimal seconds = BigDecimal.ZERO;
    int end = 0;
    while (end < text.length() && part.find(end) && part.start() == end) {
      String factor = UNITS.get(part.group(2).isEmpty() ? alone : part.group(2));
      if (factor == null) {
        throw new IllegalArgumentException(text);
      }
      seconds = seconds.add(new BigDecimal(part.group(1)).multiply(new BigDecimal(factor)));
      end = part.end();
    }
    if (text.isEmpty() || end < text.length()) {
      throw new IllegalArgumentException(text);
    }
    return seconds.compareTo(BigDecimal.valueOf(FOREVER.toSeconds())) > 0
        ? FOREVER
        : Duration.ofMillis(seconds.movePointRight(3).longValue());
  }
}

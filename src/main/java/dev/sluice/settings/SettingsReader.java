package dev.sluice.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;

/**
 * Reads typed options out of flat settings; every refusal names the key, the value and what is
 * allowed.
 */
final class SettingsReader {

  /** Ten years: a user who means for ever may say so, and sums of times stay far from overflow. */
  private static final Duration LONGEST = Duration.ofDays(3650);

  private final Map<String, String> settings;
  private final Configuration typed;

  SettingsReader(Map<String, String> settings) {
    this.settings = settings;
    this.typed = Configuration.fromMap(settings);
  }

  /**
   * @throws SettingsException naming the first unknown key and the known one that is most like it
   */
  void refuseUnknownKeys() {
    for (String key : settings.keySet()) {
      boolean known =
          key.startsWith(SluiceOptions.KAFKA_PROPERTIES)
              || SluiceOptions.ALL.stream().anyMatch(option -> option.key().equals(key));
      if (!known) {
        String nearest = nearest(key, SluiceOptions.ALL.stream().map(ConfigOption::key).toList());
        throw new SettingsException(
            "unknown setting %s = (%s); did you mean %s? src/site/markdown/settings.md lists every setting"
                .formatted(
                    key, EnrichOptions.mayBeSecret(key) ? "hidden" : settings.get(key), nearest));
      }
    }
  }

  /** A text that isn't blank. */
  String text(ConfigOption<String> option) {
    String value = get(option, "a text").trim();
    if (value.isEmpty()) {
      throw refuse(option, "it must not be empty");
    }
    return value;
  }

  /** A text that may be absent; a blank one counts as absent. */
  Optional<String> optional(ConfigOption<String> option) {
    return typed.getOptional(option).map(String::trim).filter(value -> !value.isEmpty());
  }

  /** Distinct texts, separated by commas; at least one. */
  List<String> list(ConfigOption<String> option) {
    List<String> values =
        Arrays.stream(text(option).split(",", -1)).map(String::trim).collect(Collectors.toList());
    if (values.contains("") || values.stream().distinct().count() < values.size()) {
      throw refuse(option, "it must be different names, separated by commas");
    }
    return List.copyOf(values);
  }

  /** Different numbers, as many at most as said. */
  List<Double> numbers(ConfigOption<String> option, int most, double least, double largest) {
    List<Double> numbers = new ArrayList<>();
    for (String text : list(option)) {
      double number;
      try {
        number = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw refuse(option, "(%s) must be a number".formatted(text));
      }
      if (!(number >= least && number <= largest)) {
        throw refuse(option, "(%s) must be between %s and %s".formatted(text, least, largest));
      }
      numbers.add(number);
    }
    if (numbers.size() > most || numbers.stream().distinct().count() < numbers.size()) {
      throw refuse(option, "it must be at most %s different numbers".formatted(most));
    }
    return List.copyOf(numbers);
  }

  boolean isSet(ConfigOption<?> option) {
    return settings.containsKey(option.key());
  }

  /** Whether it is absent; a blank value counts as absent. */
  boolean isBlank(ConfigOption<?> option) {
    return settings.getOrDefault(option.key(), "").isBlank();
  }

  /** One of a few words. */
  <T> T choice(ConfigOption<String> option, Map<String, T> allowed) {
    T chosen = allowed.get(text(option));
    if (chosen == null) {
      throw refuse(option, "allowed: " + String.join(", ", new TreeMap<>(allowed).keySet()));
    }
    return chosen;
  }

  /** A code that {@code ofCode} knows; its complaint lists the allowed ones. */
  <T> T code(ConfigOption<String> option, Function<String, T> ofCode) {
    try {
      return ofCode.apply(text(option));
    } catch (IllegalArgumentException e) {
      throw refuse(option, String.valueOf(e.getMessage()));
    }
  }

  /** Yes or no. */
  boolean flag(ConfigOption<Boolean> option) {
    return get(option, "true or false");
  }

  /** A duration longer than zero, in which time can be counted without an overflow. */
  Duration positive(ConfigOption<Duration> option) {
    return positive(option, LONGEST);
  }

  /** A duration longer than zero and no longer than another. */
  Duration positive(ConfigOption<Duration> option, Duration longest) {
    Duration value = get(option, "a duration such as 90 s, 15 min or 7 d");
    if (value.compareTo(longest) > 0) {
      throw refuse(option, "it must be at most %s d".formatted(longest.toDays()));
    }
    if (value.toMillis() <= 0) {
      throw refuse(option, "it must be longer than zero");
    }
    return value;
  }

  /** A duration longer than zero that may be absent; a blank one counts as absent. */
  Optional<Duration> positiveIfSet(ConfigOption<Duration> option) {
    return isBlank(option) ? Optional.empty() : Optional.of(positive(option));
  }

  /** A whole number. */
  int atLeast(ConfigOption<Integer> option, int least) {
    int value = get(option, "a whole number");
    if (value < least) {
      throw refuse(option, "it must be at least " + least);
    }
    return value;
  }

  /** A whole number that may be large. */
  long atLeast(ConfigOption<Long> option, long least) {
    long value = get(option, "a whole number");
    if (value < least) {
      throw refuse(option, "it must be at least " + least);
    }
    return value;
  }

  /** A size in bytes, with or without a unit. */
  long atLeast(ConfigOption<MemorySize> option, MemorySize least) {
    MemorySize value = get(option, "a size such as 32mb or 1gb");
    if (value.compareTo(least) < 0) {
      throw refuse(option, "it must be at least " + least);
    }
    return value.getBytes();
  }

  /** A number in a range, both ends included. */
  double between(ConfigOption<Double> option, double least, double most) {
    double value = get(option, "a number");
    if (!(value >= least && value <= most)) {
      throw refuse(option, "it must be between %s and %s".formatted(least, most));
    }
    return value;
  }

  SettingsException refuse(ConfigOption<?> option, String why) {
    Object value =
        settings.containsKey(option.key()) ? settings.get(option.key()) : option.defaultValue();
    return new SettingsException("%s = (%s): %s".formatted(option.key(), value, why));
  }

  private <T> T get(ConfigOption<T> option, String kind) {
    try {
      return typed.get(option);
    } catch (IllegalArgumentException e) {
      throw refuse(option, "it must be " + kind);
    }
  }

  /** The candidate that is most like a name; there is at least one. */
  static String nearest(String name, Collection<String> candidates) {
    return candidates.stream()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .orElseThrow();
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

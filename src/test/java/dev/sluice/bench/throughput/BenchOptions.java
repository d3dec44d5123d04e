package dev.sluice.bench.throughput;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command line of {@code deploy/local/bench}, whose {@code --help} explains it.
 *
 * @param stream what comes in
 * @param rounds how often each contender runs
 * @param contenders in the order of the first round
 * @param memory of each contender's process
 * @param latency whether to measure latency, too
 */
record BenchOptions(
    Stream stream, int rounds, List<Contender> contenders, Memory memory, boolean latency) {

  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,6})([mg])");

  /** How events are spread over the keys. */
  enum Skew {
    /** Each key alike. */
    UNIFORM,
    /** The n-th key as often as 1/n. */
    ZIPF
  }

  /** What an observation has. */
  enum FeatureKind {
    /** As the events of the flights: three numbers, three texts. */
    FLIGHTS,
    /** Sixteen numbers. */
    NUMBERS16
  }

  /**
   * What comes in.
   *
   * @param events observations and outcomes together; even
   * @param keys how many entities
   */
  record Stream(long events, int keys, Skew skew, FeatureKind features) {

    Stream {
      if (events < 1_000 || events > 1_000_000_000 || events % 2 != 0) {
        throw new IllegalArgumentException(
            "--events must be an even number from 1000 to 1,000,000,000, not (%s)"
                .formatted(events));
      }
      if (keys < 1) {
        throw new IllegalArgumentException("--keys must be 1 or more, not (%s)".formatted(keys));
      }
    }

    /** The same with another number of events. */
    Stream of(long other) {
      return new Stream(other, keys, skew, features);
    }
  }

  /**
   * What each contender's process gets.
   *
   * @param heapMib of its JVM
   * @param nativeMib for RocksDB
   */
  record Memory(int heapMib, int nativeMib) {}

  BenchOptions {
    contenders = List.copyOf(contenders);
    if (rounds < 1 || rounds > 1000) {
      throw new IllegalArgumentException("--rounds must be 1 to 1000, not (%s)".formatted(rounds));
    }
    if (new HashSet<>(contenders).size() < contenders.size() || contenders.isEmpty()) {
      throw new IllegalArgumentException("--contenders names none, or one twice: " + contenders);
    }
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static BenchOptions parse(String... arguments) {
    List<String> all = Arrays.asList(arguments);
    Words words = new Words(all);
    boolean quick = all.contains("--quick");
    BenchOptions options =
        new BenchOptions(
            new Stream(
                words.number("--events", quick ? 2_000_000 : 5_000_000),
                (int) words.number("--keys", 1_000),
                words.choice("--skew", Skew.UNIFORM),
                words.choice("--features", FeatureKind.FLIGHTS)),
            (int) words.number("--rounds", quick ? 2 : 3),
            words.contenders(quick ? Contender.few() : List.of(Contender.values())),
            new Memory(words.mebibytes("--heap", 2048), words.mebibytes("--native", 512)),
            all.contains("--latency"));
    words.refuseOthers();
    return options;
  }

  /** The words of the command line, each option at most once. */
  private static final class Words {

    private static final Set<String> FLAGS = Set.of("--quick", "--latency");
    private final List<String> words;
    private final Set<String> known = new HashSet<>(FLAGS);

    Words(List<String> words) {
      this.words = words;
    }

    private String value(String option, String otherwise) {
      known.add(option);
      int at = words.indexOf(option);
      if (at < 0) {
        return otherwise;
      }
      if (at + 1 == words.size()) {
        throw new IllegalArgumentException(option + " has no value");
      }
      return words.get(at + 1);
    }

    long number(String option, long otherwise) {
      String text = value(option, "" + otherwise).replace(",", "").replace("_", "");
      try {
        return Math.toIntExact(Long.parseLong(text));
      } catch (NumberFormatException | ArithmeticException e) {
        throw new IllegalArgumentException(
            "%s must be a whole number below 2^31, not (%s)".formatted(option, text), e);
      }
    }

    int mebibytes(String option, int otherwise) {
      String text = value(option, otherwise + "m");
      Matcher size = SIZE.matcher(text);
      if (!size.matches()) {
        throw new IllegalArgumentException(
            "%s must look like 512m or 2g, not (%s)".formatted(option, text));
      }
      return Integer.parseInt(size.group(1)) * (size.group(2).equals("g") ? 1024 : 1);
    }

    <E extends Enum<E>> E choice(String option, E otherwise) {
      String text = value(option, otherwise.name().toLowerCase(Locale.ROOT));
      for (E one : otherwise.getDeclaringClass().getEnumConstants()) {
        if (one.name().toLowerCase(Locale.ROOT).equals(text)) {
          return one;
        }
      }
      throw new IllegalArgumentException(
          "%s must be one of %s, not (%s)"
              .formatted(
                  option,
                  Arrays.toString(otherwise.getDeclaringClass().getEnumConstants())
                      .toLowerCase(Locale.ROOT),
                  text));
    }

    List<Contender> contenders(List<Contender> otherwise) {
      String text = value("--contenders", "");
      return words.contains("--contenders")
          ? Arrays.stream(text.split(",", -1)).map(Contender::ofCode).toList()
          : otherwise;
    }

    void refuseOthers() {
      for (int i = 0; i < words.size(); i++) {
        String word = words.get(i);
        if (!known.contains(word) || words.indexOf(word) != i) {
          throw new IllegalArgumentException(
              "(%s) is no option, or is given twice; see bench --help".formatted(word));
        }
        i += FLAGS.contains(word) ? 0 : 1;
      }
    }
  }
}

package dev.sluice.tool.cli;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How one job's cluster is reached, under a name. Holds addresses and the names of files; a secret
 * is in one of the files, never in here.
 *
 * @param name letters, digits, dot, dash, underscore
 * @param places by the flag that they replace, without dashes
 */
record Context(String name, Map<String, String> places) {

  /** The flags that a context may replace. */
  enum Place {
    REST("rest"),
    JOURNAL("journal"),
    SETTINGS("settings"),
    BOOTSTRAP_SERVERS("bootstrap-servers"),
    KAFKA_PROPERTIES("kafka-properties"),
    SIGN("sign"),
    VERIFY_KEY("verify-key");

    private final String flag;

    Place(String flag) {
      this.flag = flag;
    }

    String flag() {
      return flag;
    }

    /** The environment variable for the same place. */
    String variable() {
      return "SLUICE_" + name();
    }

    /** Whether it names a file or a directory of this machine. */
    boolean isPath() {
      return this != REST && this != BOOTSTRAP_SERVERS;
    }
  }

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final int LONGEST = 4_096;

  static final Context NONE = new Context("none", Map.of());

  Context {
    places = Collections.unmodifiableMap(new LinkedHashMap<>(places));
    requireName(name);
    places.forEach(Context::requirePlace);
  }

  static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a context's name has up to 64 letters, digits, dots, dashes and underscores, but this is (%s)"
              .formatted(shown(name)));
    }
  }

  private static void requirePlace(String flag, String value) {
    if (Arrays.stream(Place.values()).noneMatch(place -> place.flag().equals(flag))) {
      throw new IllegalArgumentException(
          ("a context has no (%s): it has rest, journal, settings, bootstrap-servers, kafka-properties, sign and "
                  + "verify-key")
              .formatted(shown(flag)));
    }
    if (value.isBlank() || value.length() > LONGEST || value.chars().anyMatch(c -> c < ' ')) {
      throw new IllegalArgumentException(
          "%s of a context must be one line of at most %,d characters".formatted(flag, LONGEST));
    }
    if (flag.equals(Place.REST.flag())) {
      for (String address : value.split(",", -1)) {
        ClusterOptions.address(address);
      }
    }
  }

  /** What may come from a hostile file, cut and without control characters. */
  private static String shown(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", "?");
    return clean.length() > 40 ? clean.substring(0, 40) + "…" : clean;
  }

  /** The place that a flag sets; empty if the context does not say it. */
  String place(Place place) {
    return places.getOrDefault(place.flag(), "");
  }
}

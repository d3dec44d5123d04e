package dev.sluice.codec;

import static dev.sluice.event.Reason.BAD_FEATURE;
import static dev.sluice.event.Reason.FEATURE_TYPE;
import static dev.sluice.event.Reason.UNDECLARED_FEATURE;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.Features;
import dev.sluice.event.Reason;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the {@code features} object of one event after the other into buffers of its own. */
final class FeatureReader {

  private static final int MAX_NAME_CHARS = 256;
  private static final int MAX_TEXT_CHARS = 1024;
  private static final int INITIAL_CAPACITY = 64;
  private static final int INSERTION_SORT_LIMIT = 32;

  /** Greatest magnitude of a number: far enough from overflow that sums and squares stay finite. */
  static final double MAX_MAGNITUDE = 1e100;

  /**
   * How libraries write numbers that JSON has no form for. To the letter: NAN is an airport, and a
   * category like any other.
   */
  private static final Set<String> NOT_FINITE =
      Set.of("NaN", "Infinity", "+Infinity", "-Infinity", "nan", "inf", "+inf", "-inf");

  private final int maxFeatures;
  private final @Nullable DeclaredFeatures declared;
  private Entry[] entries = new Entry[INITIAL_CAPACITY];
  private int size;
  private int present;
  private boolean sorted;
  private @Nullable Problem problem;

  /**
   * One feature as written.
   *
   * @param name its name
   * @param text its text, null if it is a number or absent
   * @param number its number, NaN if it is absent
   */
  private record Entry(String name, @Nullable String text, double number) {

    boolean isPresent() {
      return text != null || !Double.isNaN(number);
    }
  }

  FeatureReader(int maxFeatures) {
    this(maxFeatures, null);
  }

  /**
   * @param declared which features there may be, null for any
   */
  FeatureReader(int maxFeatures, @Nullable DeclaredFeatures declared) {
    this.maxFeatures = maxFeatures;
    this.declared = declared;
  }

  /** Reads from the object's start to its end, whatever it contains. */
  void read(JsonParser parser) throws IOException {
    begin();
    try {
      readAll(parser);
    } catch (JsonProcessingException e) {
      String notFinite = NotFinite.token(e);
      if (notFinite != null && problem == null) {
        refuse(
            String.valueOf(parser.currentName()),
            "is "
                + notFinite
                + ", and JSON has no number that is not finite: leave the feature out, or send null");
      }
      throw e;
    }
    end();
  }

  /** Forgets the features before. */
  void begin() {
    entries = entries.length > INITIAL_CAPACITY ? new Entry[INITIAL_CAPACITY] : entries;
    size = 0;
    present = 0;
    sorted = true;
    problem = null;
  }

  /** All features have been added. */
  void end() {
    if (problem == null) {
      order();
    }
  }

  /** Whether a name may be so many characters long. */
  static boolean isNameLength(int chars) {
    return chars > 0 && chars <= MAX_NAME_CHARS;
  }

  private void readAll(JsonParser parser) throws IOException {
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (problem == null) {
        readOne(parser, name, token);
      }
      parser.skipChildren();
    }
  }

  /** What is wrong with the features that were read last, null if nothing. */
  @Nullable Problem problem() {
    return problem;
  }

  /** The features that were read last; only without a problem. */
  Features features() {
    String[] names = new String[present];
    @Nullable String[] texts = new String[present];
    double[] numbers = new double[present];
    int next = 0;
    for (int i = 0; i < size; i++) {
      Entry entry = entries[i];
      if (entry.isPresent()) {
        names[next] = entry.name;
        texts[next] = entry.text;
        numbers[next] = entry.number;
        next++;
      }
    }
    return new Features(names, texts, numbers);
  }

  private void readOne(JsonParser parser, String name, JsonToken token) throws IOException {
    if (!isNameLength(name.length()) || StrictUtf8.hasLoneSurrogate(name)) {
      refuse(name, "must have a name of 1 to " + MAX_NAME_CHARS + " characters of Unicode");
      return;
    }
    switch (token) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser, name);
      case VALUE_STRING -> text(name, parser.getText());
      case VALUE_TRUE -> text(name, "true");
      case VALUE_FALSE -> text(name, "false");
      case VALUE_NULL -> absent(name);
      default ->
          refuse(
              name,
              "is "
                  + (token == JsonToken.START_ARRAY ? "an array" : "an object")
                  + ", not a finite number, a string or a boolean");
    }
  }

  private void number(JsonParser parser, String name) throws IOException {
    double number = parser.getDoubleValue();
    if (Math.abs(number) <= MAX_MAGNITUDE) {
      number(name, number);
    } else {
      refuse(name, "is beyond ±1e100: " + Details.shown(parser.getText()));
    }
  }

  /** Adds a number within ±1e100; false if there is a problem. */
  boolean number(String name, double number) {
    return add(new Entry(name, null, number));
  }

  /** Adds a feature that is null. */
  boolean absent(String name) {
    return add(new Entry(name, null, Double.NaN));
  }

  /** Adds a text; false if there is a problem. */
  boolean text(String name, String text) {
    if (text.length() > MAX_TEXT_CHARS) {
      return refuse(
          name, "is longer than " + MAX_TEXT_CHARS + " characters: " + Details.shown(text));
    }
    if (StrictUtf8.hasLoneSurrogate(text)) {
      return refuse(name, "is not Unicode: " + Details.shown(text));
    }
    if (NOT_FINITE.contains(text)) {
      return refuse(
          name, "is a number that is not finite, written as a text: " + Details.shown(text));
    }
    return add(new Entry(name, text, 0));
  }

  private boolean add(Entry entry) {
    if (declared != null && entry.isPresent()) {
      requireDeclared(entry, declared);
    }
    if (entry.isPresent() && ++present > maxFeatures) {
      return refuse(entry.name, "is one too many: at most " + maxFeatures + " are allowed");
    }
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, size * 2);
    }
    sorted = sorted && (size == 0 || entries[size - 1].name.compareTo(entry.name) <= 0);
    entries[size++] = entry;
    return problem == null;
  }

  private void requireDeclared(Entry entry, DeclaredFeatures expected) {
    DeclaredFeatures.Type type = expected.of(entry.name);
    if (type == null) {
      refuse(UNDECLARED_FEATURE, entry.name, "is none of sluice.features.declared");
    } else if (!type.allows(entry.text == null)) {
      String found =
          entry.text == null
              ? "the number " + entry.number
              : "the text " + Details.shown(entry.text);
      refuse(
          FEATURE_TYPE,
          entry.name,
          "is " + found + ", but declared as " + type + " in sluice.features.declared");
    }
  }

  private boolean refuse(String name, String what) {
    return refuse(BAD_FEATURE, name, what);
  }

  private boolean refuse(Reason reason, String name, String what) {
    problem = new Problem(reason, "feature " + Details.shown(name) + " " + what);
    return false;
  }

  private void order() {
    if (!sorted && size <= INSERTION_SORT_LIMIT) {
      insertionSort();
    } else if (!sorted) {
      Arrays.sort(entries, 0, size, Comparator.comparing(Entry::name));
    }
    for (int i = 1; i < size && problem == null; i++) {
      if (entries[i].name.equals(entries[i - 1].name)) {
        refuse(entries[i].name, "is there twice");
      }
    }
  }

  /** Faster than the library's sort for the few features that an event has. */
  private void insertionSort() {
    for (int i = 1; i < size; i++) {
      Entry entry = entries[i];
      int hole = i;
      while (hole > 0 && entries[hole - 1].name.compareTo(entry.name) > 0) {
        entries[hole] = entries[hole - 1];
        hole--;
      }
      entries[hole] = entry;
    }
  }
}

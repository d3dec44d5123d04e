package dev.sluice.codec;

import static dev.sluice.event.Reason.BAD_FIELD;
import static dev.sluice.event.Reason.BAD_VALUE;
import static dev.sluice.event.Reason.MALFORMED_JSON;
import static dev.sluice.event.Reason.MISSING_FIELD;
import static dev.sluice.event.Reason.UNKNOWN_TYPE;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.Features;
import dev.sluice.event.Reason;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one event after the other. Fields come in any order, {@code type} last too, so what
 * is wrong with a field is only noted here: whether it matters depends on the event's type.
 */
final class Envelope {

  private static final int MAX_CHARS = 1024;

  private final FeatureReader features;
  private final Map<Field, Problem> problems = new EnumMap<>(Field.class);
  private final Set<Field> seen = EnumSet.noneOf(Field.class);
  private final Set<Field> seenTwice = EnumSet.noneOf(Field.class);
  private @Nullable Problem stoppedBy;
  private boolean inFeatures;
  private String type = "";
  private String id = "";
  private String key = "";
  private String label = "";
  private long timeMs;
  private double value;

  Envelope(FeatureReader features) {
    this.features = features;
  }

  /** Reads from behind the opening brace to the closing one. */
  void read(JsonParser parser) throws IOException {
    try {
      readAll(parser);
    } catch (JsonProcessingException e) {
      String notFinite = NotFinite.token(e);
      if (notFinite != null) {
        stoppedBy = inFeatures ? features.problem() : notFinite(parser, notFinite);
      }
      throw e;
    }
  }

  /** Null where it is in nothing that is read: then it is bad JSON like any other. */
  private static @Nullable Problem notFinite(JsonParser parser, String token) throws IOException {
    Field field = Field.named(String.valueOf(parser.currentName()));
    return field == Field.VALUE && parser.getParsingContext().getParent().inRoot()
        ? new Problem(
            BAD_VALUE, field + " is " + token + ", and JSON has no number that is not finite")
        : null;
  }

  private void readAll(JsonParser parser) throws IOException {
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      Field field = Field.named(name);
      if (field != null) {
        readFirst(field, parser, token);
      }
      parser.skipChildren();
    }
  }

  /** Forgets the event before. */
  void clear() {
    seen.clear();
    seenTwice.clear();
    problems.clear();
    stoppedBy = null;
    inFeatures = false;
  }

  /** Whether the parser stopped within the features. */
  boolean stoppedInFeatures() {
    return inFeatures;
  }

  /** What stopped the parser, if more is known of it than the parser reports; else null. */
  @Nullable Problem stoppedBy() {
    return stoppedBy;
  }

  /** Why an event that needs this field can't be used, null if the field is fine. */
  @Nullable Problem problemOf(Field field) {
    if (seenTwice.contains(field)) {
      return new Problem(MALFORMED_JSON, field + " is there twice");
    }
    if (!seen.contains(field)) {
      return new Problem(MISSING_FIELD, field + " is missing");
    }
    return problems.get(field);
  }

  String type() {
    return type;
  }

  String id() {
    return id;
  }

  String key() {
    return key;
  }

  String label() {
    return label;
  }

  long timeMs() {
    return timeMs;
  }

  double value() {
    return value;
  }

  Features features() {
    return features.features();
  }

  private void readFirst(Field field, JsonParser parser, JsonToken token) throws IOException {
    if (!seen.add(field)) {
      seenTwice.add(field);
      return;
    }
    if (token == JsonToken.VALUE_NULL) {
      note(field, MISSING_FIELD, " is null");
      return;
    }
    switch (field) {
      case TYPE -> type = text(field, parser, token, UNKNOWN_TYPE);
      case ID -> id = name(field, parser, token);
      case KEY -> key = name(field, parser, token);
      case TIME -> timeMs = time(field, parser, token);
      case FEATURES -> readFeatures(parser, token);
      case LABEL -> label = text(field, parser, token, BAD_FIELD);
      case VALUE -> value = value(field, parser, token);
    }
  }

  private String text(Field field, JsonParser parser, JsonToken token, Reason otherwise)
      throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    note(field, otherwise, " is not a string: " + shown(parser, token));
    return "";
  }

  /** A text that identifies something, so neither empty nor endless nor outside of Unicode. */
  private String name(Field field, JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING && parser.getTextLength() > MAX_CHARS) {
      note(field, BAD_FIELD, " is longer than 1024 characters: " + shown(parser, token));
      return "";
    }
    String name = text(field, parser, token, BAD_FIELD);
    if (name.isEmpty() && !problems.containsKey(field)) {
      note(field, MISSING_FIELD, " is empty");
    } else if (StrictUtf8.hasLoneSurrogate(name)) {
      note(field, BAD_FIELD, " is not Unicode: " + Details.shown(name));
    }
    return name;
  }

  private long time(Field field, JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      int length = parser.getTextLength();
      if (length == 0) {
        note(field, MISSING_FIELD, " is empty");
        return 0;
      }
      long ms = IsoTime.parseMs(parser.getTextCharacters(), parser.getTextOffset(), length);
      if (ms != IsoTime.INVALID) {
        return ms;
      }
    } else if (token == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
        && IsoTime.isInRange(parser.getLongValue())) {
      return parser.getLongValue();
    }
    note(
        field,
        BAD_FIELD,
        " is neither ISO-8601 with an offset nor epoch milliseconds, years 0001 to 9999: "
            + shown(parser, token));
    return 0;
  }

  private void readFeatures(JsonParser parser, JsonToken token) throws IOException {
    if (token != JsonToken.START_OBJECT) {
      note(Field.FEATURES, BAD_FIELD, " is not an object: " + shown(parser, token));
      return;
    }
    inFeatures = true;
    features.read(parser);
    inFeatures = false;
    Problem problem = features.problem();
    if (problem != null) {
      problems.put(Field.FEATURES, problem);
    }
  }

  private double value(Field field, JsonParser parser, JsonToken token) throws IOException {
    if (token.isNumeric()) {
      double number = parser.getDoubleValue();
      if (Math.abs(number) <= FeatureReader.MAX_MAGNITUDE) {
        return number;
      }
    }
    note(field, BAD_VALUE, " is not a number within ±1e100: " + shown(parser, token));
    return 0;
  }

  private void note(Field field, Reason reason, String what) {
    problems.put(field, new Problem(reason, field + what));
  }

  private static String shown(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      default -> Details.shown(parser.getText());
    };
  }
}

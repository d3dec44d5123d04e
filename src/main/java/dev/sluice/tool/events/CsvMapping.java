package dev.sluice.tool.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a CSV mean, as {@code sluice init} records it.
 *
 * @param separator between cells
 * @param roles the columns that are no features
 * @param times how the cells of the time's column are read
 * @param labels what the label's column may hold; none for numbers, which a regression learns
 * @param features the other columns that count, each with its kind, in the order of the file
 * @param start the time of row 0 where no column has times: each further row is a second later
 */
public record CsvMapping(
    char separator,
    Roles roles,
    Times times,
    List<String> labels,
    Map<String, Kind> features,
    Instant start) {

  private static final int VERSION = 1;
  private static final long MOST_BYTES = 4 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  public CsvMapping {
    labels = List.copyOf(labels);
    features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
  }

  /**
   * The columns that are no features.
   *
   * @param label what is learned: labels, or numbers
   * @param key the entity, whose model learns it; null if one model learns all rows
   * @param time when the row happened; null for none
   * @param id joins observation and outcome; null for the row's number
   */
  public record Roles(
      String label, @Nullable String key, @Nullable String time, @Nullable String id) {}

  /** How times are written. */
  public enum Times {
    /** ISO-8601, or a number of seconds or milliseconds since 1970. */
    INSTANTS("instants"),
    /** ISO-8601, or the digits of a date alone, as 20260131, or with hour, minute and second. */
    DIGITS("digits");

    private final String word;

    Times(String word) {
      this.word = word;
    }

    /** As it is recorded. */
    @Override
    public String toString() {
      return word;
    }
  }

  /** What a feature is. */
  public enum Kind {
    NUMBER("number"),
    TEXT("text");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As in {@code sluice.features.declared}. */
    @Override
    public String toString() {
      return word;
    }
  }

  /**
   * Reads a recorded mapping.
   *
   * @throws IOException if the file is none
   */
  public static CsvMapping read(Path file) throws IOException {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IllegalArgumentException("it is larger than 4 MiB");
      }
      return of(JSON.readTree(Files.readAllBytes(file)));
    } catch (JsonProcessingException e) {
      throw unusable(file, "it is no JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw unusable(file, String.valueOf(e.getMessage()));
    }
  }

  private static IOException unusable(Path file, String why) {
    return new IOException(
        "%s is no mapping of a CSV's columns as 'sluice init' writes it: %s".formatted(file, why));
  }

  private static CsvMapping of(JsonNode json) {
    if (json.path("version").asInt() != VERSION) {
      throw new IllegalArgumentException(
          "its version is (%s), not %s".formatted(json.path("version"), VERSION));
    }
    String separator = text(json, "separator");
    if (separator.length() != 1) {
      throw new IllegalArgumentException("separator must be one character");
    }
    List<String> labels = new ArrayList<>();
    json.path("labels").forEach(label -> labels.add(label.asText()));
    if (labels.size() == 1) {
      throw new IllegalArgumentException("labels must be two or more, or none for numbers");
    }
    Map<String, Kind> features = new LinkedHashMap<>();
    json.path("features")
        .properties()
        .forEach(each -> features.put(each.getKey(), kind(each.getKey(), each.getValue())));
    return new CsvMapping(
        separator.charAt(0),
        new Roles(
            text(json, "label"), text(json, "key"), optional(json, "time"), optional(json, "id")),
        times(json),
        labels,
        features,
        Instant.parse(text(json, "start")));
  }

  /** A mapping of before there were several ways says none. */
  private static Times times(JsonNode json) {
    String word = json.has("times") ? json.get("times").asText() : Times.INSTANTS.word;
    for (Times times : Times.values()) {
      if (times.word.equals(word)) {
        return times;
      }
    }
    throw new IllegalArgumentException(
        "times is (%s), which is neither instants nor digits".formatted(word));
  }

  private static Kind kind(String feature, JsonNode word) {
    for (Kind kind : Kind.values()) {
      if (kind.word.equals(word.asText())) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "feature (%s) is (%s), which is neither number nor text".formatted(feature, word.asText()));
  }

  private static String text(JsonNode json, String field) {
    String text = optional(json, field);
    if (text == null) {
      throw new IllegalArgumentException(field + " is missing");
    }
    return text;
  }

  private static @Nullable String optional(JsonNode json, String field) {
    JsonNode node = json.path(field);
    return node.isTextual() && !node.asText().isEmpty() ? node.asText() : null;
  }

  /** What {@link #read} reads. */
  public String json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("version", VERSION);
    json.put("separator", String.valueOf(separator));
    json.put("label", roles.label());
    json.put("key", roles.key());
    json.put("time", roles.time());
    json.put("id", roles.id());
    json.put("times", times.word);
    json.put("start", start.toString());
    labels.forEach(json.putArray("labels")::add);
    ObjectNode kinds = json.putObject("features");
    features.forEach((name, kind) -> kinds.put(name, kind.word));
    return json.toPrettyString() + "\n";
  }

  /** Whether the label's column holds numbers. */
  public boolean regression() {
    return labels.isEmpty();
  }
}

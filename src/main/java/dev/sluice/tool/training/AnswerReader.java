package dev.sluice.tool.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.codec.LookupReader;
import dev.sluice.event.Features;
import dev.sluice.event.Target;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads from a job's answers which observation they are about. Owned by one thread. */
final class AnswerReader {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> labels;
  private final LookupReader lookups = new LookupReader(Integer.MAX_VALUE);

  /** {@code labels}: the job's; none in regression. */
  AnswerReader(List<String> labels) {
    this.labels = List.copyOf(labels);
  }

  /**
   * An observation, as its answers name it. Comparable, so that a hash table is fast also for many
   * of one hash, which texts of other people can have.
   */
  record Joint(String key, String id, long observedMs) implements Comparable<Joint> {

    private static final Comparator<Joint> ORDER =
        Comparator.comparing(Joint::key)
            .thenComparing(Joint::id)
            .thenComparingLong(Joint::observedMs);

    @Override
    public int compareTo(Joint other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * What an outcome's answer says.
   *
   * @param joint the observation that it met
   * @param outcomeMs the outcome's time, epoch milliseconds
   * @param target null if the job of these labels could not learn it
   * @param learned whether the job did
   */
  record Evaluated(Joint joint, long outcomeMs, @Nullable Target target, boolean learned) {}

  /**
   * Reads an evaluation.
   *
   * @throws IOException if it is none; the message says what is wrong
   */
  Evaluated evaluation(byte[] value) throws IOException {
    JsonNode json = object(value);
    long outcomeMs = timeMs(json);
    JsonNode delay = json.path("delayMs");
    require(delay.canConvertToLong(), "field \"delayMs\" is no number");
    return new Evaluated(
        new Joint(text(json, "key"), text(json, "id"), outcomeMs - delay.asLong()),
        outcomeMs,
        target(json),
        json.path("learned").asBoolean(true));
  }

  /**
   * Reads which observation a prediction answers.
   *
   * @throws IOException if it is none; the message says what is wrong
   */
  Joint prediction(byte[] value) throws IOException {
    JsonNode json = object(value);
    return new Joint(text(json, "key"), text(json, "id"), timeMs(json));
  }

  /** The features that were looked up for a prediction; null for none. */
  @Nullable Features lookup(byte[] prediction) {
    return lookups.read(prediction);
  }

  private @Nullable Target target(JsonNode json) {
    JsonNode label = json.path("label");
    if (!labels.isEmpty()) {
      return label.isTextual() && labels.contains(label.asText())
          ? new Target.Label(label.asText())
          : null;
    }
    JsonNode number = json.path("value");
    return number.isNumber() && Double.isFinite(number.doubleValue())
        ? new Target.Value(number.doubleValue())
        : null;
  }

  private static JsonNode object(byte[] value) throws IOException {
    JsonNode json = JSON.readTree(value);
    require(json != null && json.isObject(), "it is no JSON object");
    return json;
  }

  private static String text(JsonNode json, String field) throws IOException {
    JsonNode found = json.path(field);
    require(found.isTextual(), "field \"%s\" is no text".formatted(field));
    return found.asText();
  }

  private static long timeMs(JsonNode json) throws IOException {
    String text = text(json, "time");
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IOException("field \"time\" is no time: (%s)".formatted(text), e);
    }
  }

  private static void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException(otherwise);
    }
  }
}

package dev.sluice.tool.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of the evaluations topic. Owned by one thread. */
public final class EvaluationReader {

  private static final ObjectMapper JSON = new ObjectMapper();

  private List<String> lastLabels = List.of();

  /**
   * Reads one evaluation; fields that it does not know are passed over.
   *
   * @throws IOException if the bytes are no evaluation; the message says what is wrong
   */
  public EvaluationRow read(byte[] value) throws IOException {
    JsonNode json = JSON.readTree(value);
    require(json.isObject(), "it is no JSON object");
    require(
        json.hasNonNull("key")
            && json.hasNonNull("time")
            && json.hasNonNull("servedBy")
            && json.hasNonNull("challenger"),
        "one of the fields key, time, servedBy and challenger is missing");
    String label = json.hasNonNull("label") ? json.get("label").asText() : null;
    EvaluationRow.Said challenger = said(json.get("challenger"));
    require(
        label == null ? json.has("value") : !challenger.labels().isEmpty(),
        "it has neither a label with scores nor a value");
    return new EvaluationRow(
        json.get("key").asText(),
        new Truth(
            time(json.get("time").asText()),
            label,
            json.has("value") ? number(json.get("value")) : Double.NaN),
        json.path("delayMs").asLong(),
        json.get("servedBy").asText().equals("champion"),
        json.get("servedBy").asText().equals("blend") ? said(json.get("served")) : null,
        json.hasNonNull("champion") ? said(json.get("champion")) : null,
        challenger,
        json.hasNonNull("shadow") ? shadow(json.get("shadow")) : null);
  }

  private EvaluationRow.Shadow shadow(JsonNode json) throws IOException {
    require(json.path("version").isInt(), "the shadow has no version");
    return new EvaluationRow.Shadow(json.get("version").asInt(), said(json));
  }

  private EvaluationRow.Said said(@Nullable JsonNode json) throws IOException {
    if (json == null || !json.isObject()) {
      throw new IOException("a model's part is no object");
    }
    List<String> labels = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    for (Map.Entry<String, JsonNode> score : json.path("scores").properties()) {
      labels.add(score.getKey());
      scores.add(number(score.getValue()));
    }
    if (json.has("value")) {
      scores.add(number(json.get("value")));
    }
    require(!scores.isEmpty(), "a model's part has neither scores nor a value");
    if (!labels.equals(lastLabels)) {
      lastLabels = List.copyOf(labels); // one list for all the records with the same labels
    }
    return new EvaluationRow.Said(
        lastLabels,
        scores.stream().mapToDouble(Double::doubleValue).toArray(),
        number(json.has("loss") ? json.get("loss") : json.get("logLoss")));
  }

  /** A number; null stands for one that was not finite. */
  private static double number(@Nullable JsonNode json) throws IOException {
    if (json == null || json.isNull()) {
      return Double.POSITIVE_INFINITY;
    }
    require(json.isNumber(), "(%s) is no number".formatted(json));
    return json.doubleValue();
  }

  private static long time(String text) throws IOException {
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IOException("field \"time\" is no time: (" + text + ")", e);
    }
  }

  private static void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException(otherwise);
    }
  }
}

package dev.sluice.tool.scoring;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of the evaluations topic. Owned by one thread. */
public final class EvaluationReader {

  private final JsonFactory json = new JsonFactory();
  private List<String> lastLabels = List.of();

  /**
   * Reads one evaluation; fields that it does not know are passed over.
   *
   * @throws IOException if the bytes are no evaluation; the message says what is wrong
   */
  public EvaluationRow read(byte[] value) throws IOException {
    Fields fields = new Fields();
    try (JsonParser parser = json.createParser(value)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, "it is no JSON object");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        field(parser, name, fields);
      }
    }
    return fields.judgement();
  }

  private void field(JsonParser parser, String name, Fields fields) throws IOException {
    switch (name) {
      case "key" -> fields.key = parser.getText();
      case "time" -> fields.timeMs = time(parser.getText());
      case "delayMs" -> fields.delayMs = parser.getLongValue();
      case "label" -> fields.label = parser.getText();
      case "value" -> fields.value = number(parser);
      case "servedBy" -> fields.servedBy = parser.getText();
      case "champion" -> fields.champion = said(parser);
      case "challenger" -> fields.challenger = said(parser);
      default -> parser.skipChildren();
    }
  }

  private EvaluationRow.@Nullable Said said(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    require(parser.currentToken() == JsonToken.START_OBJECT, "a model's part is no object");
    List<String> labels = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    double loss = Double.POSITIVE_INFINITY;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "scores" -> scores(parser, labels, scores);
        case "value" -> scores.add(number(parser));
        case "logLoss" -> loss = number(parser);
        default -> parser.skipChildren();
      }
    }
    require(!scores.isEmpty(), "a model's part has neither scores nor a value");
    return new EvaluationRow.Said(
        shared(labels), scores.stream().mapToDouble(Double::doubleValue).toArray(), loss);
  }

  private static void scores(JsonParser parser, List<String> labels, List<Double> scores)
      throws IOException {
    require(parser.currentToken() == JsonToken.START_OBJECT, "field \"scores\" is no object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      labels.add(parser.currentName());
      parser.nextToken();
      scores.add(number(parser));
    }
  }

  /** One list for all the records with the same labels. */
  private List<String> shared(List<String> labels) {
    if (!labels.equals(lastLabels)) {
      lastLabels = List.copyOf(labels);
    }
    return lastLabels;
  }

  /** A number; null stands for one that was not finite. */
  private static double number(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NULL
        ? Double.POSITIVE_INFINITY
        : parser.getDoubleValue();
  }

  private static long time(String text) throws IOException {
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException e) {
      throw new IOException("field \"time\" is no time: (" + text + ")", e);
    }
  }

  private static void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException(otherwise);
    }
  }

  private static final class Fields {
    private @Nullable String key;
    private @Nullable Long timeMs;
    private long delayMs;
    private @Nullable String label;
    private double value = Double.NaN;
    private @Nullable String servedBy;
    private EvaluationRow.@Nullable Said champion;
    private EvaluationRow.@Nullable Said challenger;

    EvaluationRow judgement() throws IOException {
      if (key == null || timeMs == null || servedBy == null || challenger == null) {
        throw new IOException("one of the fields key, time, servedBy and challenger is missing");
      }
      require(
          label == null ? !Double.isNaN(value) : !challenger.labels().isEmpty(),
          "it has neither a label with scores nor a value");
      return new EvaluationRow(
          key, timeMs, delayMs, label, value, servedBy.equals("champion"), champion, challenger);
    }
  }
}

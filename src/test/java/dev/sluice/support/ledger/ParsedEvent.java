package dev.sluice.support.ledger;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a JSON value finds: what kind of event it claims to be, and which. A plain
 * Jackson tree, on purpose not the job's own decoder.
 *
 * @param shape what {@code type} claims
 * @param id the field {@code id}, null if it is no text
 * @param key the field {@code key}, null if it is no text
 */
public record ParsedEvent(Shape shape, @Nullable String id, @Nullable String key) {

  /** What an event claims to be. */
  public enum Shape {
    OBSERVATION,
    OUTCOME,
    OTHER
  }

  private static final ParsedEvent NOTHING = new ParsedEvent(Shape.OTHER, null, null);

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  public static ParsedEvent at(byte @Nullable [] value) {
    if (value == null) {
      return NOTHING;
    }
    try {
      JsonNode root = JSON.readTree(value);
      Shape shape =
          switch (root.path("type").asText()) {
            case "observation" -> Shape.OBSERVATION;
            case "outcome" -> Shape.OUTCOME;
            default -> Shape.OTHER;
          };
      return new ParsedEvent(shape, root.path("id").textValue(), root.path("key").textValue());
    } catch (IOException e) {
      return NOTHING;
    }
  }
}

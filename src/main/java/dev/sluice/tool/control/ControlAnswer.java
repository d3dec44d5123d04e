package dev.sluice.tool.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.Origin;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the job has answered to a command.
 *
 * @param command the command's position
 * @param accepted whether it was carried out
 * @param reason why not; null if it was
 * @param repeated whether the id had been answered before: then nothing was done again
 * @param json all of it
 */
public record ControlAnswer(
    Origin command, boolean accepted, @Nullable String reason, boolean repeated, JsonNode json) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a record of the control log.
   *
   * @throws IOException if it is none
   */
  static ControlAnswer parse(Origin command, byte @Nullable [] value) throws IOException {
    JsonNode json = value == null ? JSON.missingNode() : tree(command, value);
    JsonNode accepted = json.path("accepted");
    if (!accepted.isBoolean()) {
      throw new IOException(
          "the answer to the command at %s does not say whether it was accepted: (%s)"
              .formatted(command, json));
    }
    return new ControlAnswer(
        command,
        accepted.asBoolean(),
        json.path("reason").isTextual() ? json.path("reason").asText() : null,
        json.path("repeated").asBoolean(),
        json);
  }

  private static JsonNode tree(Origin command, byte[] value) throws IOException {
    try {
      return JSON.readTree(value);
    } catch (IOException e) {
      throw new IOException("the answer to the command at %s is no JSON".formatted(command), e);
    }
  }
}

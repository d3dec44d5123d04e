package dev.sluice.support.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import java.util.List;

/**
 * How a command ended.
 *
 * @param command what was run
 * @param exitCode its exit code
 * @param stdout everything it wrote there, UTF-8
 * @param stderr everything it wrote there, UTF-8
 */
public record CommandResult(List<String> command, int exitCode, String stdout, String stderr) {
  public CommandResult {
    command = List.copyOf(command);
  }

  /**
   * This result, if the command succeeded.
   *
   * @throws AssertionError with all that it said, if not
   */
  public CommandResult requireSuccess() {
    if (exitCode != 0) {
      throw new AssertionError(toString());
    }
    return this;
  }

  /**
   * What it wrote to stdout, which must be one JSON object and nothing else.
   *
   * @throws AssertionError with all that it said, if it is not
   */
  public JsonNode json() {
    try {
      JsonNode object = StrictJson.object(stdout);
      String verb = verb();
      if (!verb.isEmpty()) {
        OutputSchema.require(verb, object);
      }
      return object;
    } catch (AssertionError e) {
      throw new AssertionError(toString(), e);
    }
  }

  /** The verb whose schema holds, if this is the tool; empty for another command. */
  private String verb() {
    int tool = 0;
    while (tool < command.size() && !command.get(tool).endsWith("/sluice")) {
      tool++;
    }
    boolean receipts = command.contains("--schema"); // which is a schema itself
    return receipts
        ? ""
        : command.stream().skip(tool + 1L).filter(OutputSchema::exists).findFirst().orElse("");
  }

  @Override
  public String toString() {
    return "%s%nexited with %d%n--- stdout%n%s%n--- stderr%n%s"
        .formatted(String.join(" ", command), exitCode, stdout, stderr);
  }
}

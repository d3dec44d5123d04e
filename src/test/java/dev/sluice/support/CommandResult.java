package dev.sluice.support;

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

  @Override
  public String toString() {
    return "%s%nexited with %d%n--- stdout%n%s%n--- stderr%n%s"
        .formatted(String.join(" ", command), exitCode, stdout, stderr);
  }
}

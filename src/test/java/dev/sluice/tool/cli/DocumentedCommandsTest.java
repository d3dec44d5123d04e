package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tool takes every command line of the pages about learning as it is written. */
class DocumentedCommandsTest {

  private static final Path PAGE = Path.of("src", "site", "markdown", "learning.md");
  private static final Pattern COMMAND = Pattern.compile("(?m)^ {4}sluice (.+)$");

  /** Shell variables are taken as numbers, comments are left out. */
  static Stream<String> commands() throws IOException {
    Matcher found = COMMAND.matcher(Files.readString(PAGE));
    List<String> all = new ArrayList<>();
    while (found.find()) {
      all.add(found.group(1).replaceFirst(" +#.*", "").replaceAll("[$][a-z]+", "7"));
    }
    return all.stream().distinct();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theToolTakesEveryCommand(String command) {
    assertThatCode(() -> Sluice.commandLine(ToolServices.real()).parseArgs(command.split(" +", -1)))
        .as("sluice %s", command)
        .doesNotThrowAnyException();
  }

  @Test
  void theRefreshIsAmongThem() throws IOException {
    assertThat(commands())
        .anyMatch(command -> command.startsWith("train --from-topics"))
        .anyMatch(command -> command.startsWith("control promote"))
        .anyMatch(command -> command.startsWith("score"))
        .anyMatch(command -> command.startsWith("control confirm"))
        .anyMatch(command -> command.startsWith("control drop"));
  }
}

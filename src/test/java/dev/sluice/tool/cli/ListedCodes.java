package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Runs verbs in tests and holds each to the exit codes that its help lists. */
final class ListedCodes {

  private ListedCodes() {}

  static int execute(CommandLine tool, String... line) {
    int code = tool.execute(line);
    ParseResult parsed = tool.getParseResult();
    CommandLine verb = tool;
    while (parsed != null && parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
      verb = parsed.commandSpec().commandLine();
    }
    Map<String, String> listed = verb.getCommandSpec().usageMessage().exitCodeList();
    if (!listed.isEmpty()) { // the tool itself has none
      assertThat(listed)
          .as("the codes in the help of '%s', which ended so", String.join(" ", line))
          .containsKey(Integer.toString(code));
    }
    return code;
  }
}

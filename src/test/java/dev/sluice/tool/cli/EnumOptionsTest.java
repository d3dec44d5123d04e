package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.services.ToolServices;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Options and parameters that take one of a few words. */
class EnumOptionsTest {

  @Test
  void aRefusedWordIsAnsweredWithEachAllowedOneOnce() {
    List<String> asked = new ArrayList<>();
    refuseEach(Sluice.commandLine(ToolServices.real()), asked);
    assertThat(asked)
        .contains("sluice stop --type", "sluice inspect --sort", "sluice control serve POLICY")
        .hasSizeGreaterThan(20);
  }

  private static void refuseEach(CommandLine command, List<String> asked) {
    for (ArgSpec one : command.getCommandSpec().args()) {
      if (one.type().isEnum()) {
        refuse(command, one);
        String name = one instanceof OptionSpec option ? option.longestName() : one.paramLabel();
        asked.add(command.getCommandSpec().qualifiedName() + " " + name);
      }
    }
    command.getSubcommands().values().forEach(verb -> refuseEach(verb, asked));
  }

  private static void refuse(CommandLine command, ArgSpec one) {
    List<String> allowed = new ArrayList<>();
    one.completionCandidates().forEach(allowed::add);
    assertThatThrownBy(() -> command.parseArgs(words(one, "no-such-word")))
        .isInstanceOf(ParameterException.class)
        .hasMessageEndingWith(
            "expected one of [%s] but was (no-such-word)".formatted(String.join(", ", allowed)));
  }

  private static String[] words(ArgSpec one, String value) {
    return one instanceof OptionSpec option
        ? new String[] {option.longestName(), value}
        : new String[] {value};
  }

  @Test
  void aWordInCapitalsIsTakenAsBefore() {
    for (StopOptions.Format format : StopOptions.Format.values()) {
      for (String word : List.of(format.name(), format.toString())) {
        CommandLine tool = Sluice.commandLine(ToolServices.real());
        Object taken =
            tool.parseArgs("stop", "job", "--type", word)
                .subcommand()
                .matchedOptionValue("--type", null);
        assertThat(taken).isEqualTo(format);
        assertThatThrownBy(() -> tool.parseArgs("stop", "job", "--type", capitalised(word)))
            .isInstanceOf(ParameterException.class);
      }
    }
  }

  private static String capitalised(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT)
        + word.substring(1).toLowerCase(Locale.ROOT);
  }
}

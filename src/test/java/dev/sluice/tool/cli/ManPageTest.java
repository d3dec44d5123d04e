package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the build makes of the verbs for man(1) and for a shell. */
class ManPageTest {

  private static final Set<String> MACROS = Set.of(".TH", ".SH", ".TP", ".B", ".nf", ".fi");

  @TempDir Path folder;

  @Test
  void everyVerbThatIsListedHasAPage() throws IOException {
    StringWriter err = new StringWriter();
    int code =
        Sluice.commandLine(ToolServices.real())
            .setErr(new PrintWriter(err, true))
            .execute("man", folder.resolve("man1").toString());
    assertThat(code).as(err.toString()).isZero();
    Set<String> wanted = new TreeSet<>();
    names(Sluice.commandLine(ToolServices.real()), wanted);
    try (Stream<Path> pages = Files.list(folder.resolve("man1"))) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(wanted)
          .contains("sluice.1", "sluice-stop.1", "sluice-control-pause.1")
          .doesNotContain("sluice-flights.1", "sluice-man.1");
    }
  }

  private static void names(CommandLine command, Set<String> names) {
    if (!command.getCommandSpec().usageMessage().hidden()) {
      names.add(command.getCommandSpec().qualifiedName("-") + ".1");
      command.getSubcommands().values().forEach(verb -> names(verb, names));
    }
  }

  @Test
  void aPageHasEveryOptionAndExitCodeAndNoTextIsTakenForARequest() {
    CommandLine stop =
        Objects.requireNonNull(
            Sluice.commandLine(ToolServices.real()).getSubcommands().get("stop"));
    String page = ManPage.of(stop, "sluice 1");
    assertThat(page)
        .startsWith(".TH \"SLUICE-STOP\" 1")
        .contains("\\-\\-savepointPath DIR", "\\-\\-rest", "\\-\\-quiet", "EXIT STATUS")
        .contains("escalated: stopped by escalation")
        .doesNotContain("\\-p ");
    assertThat(page.lines())
        .allMatch(line -> !line.startsWith(".") || MACROS.contains(line.split(" ", -1)[0]));
  }

  static Stream<CommandLine> verbs() {
    return Sluice.commandLine(ToolServices.real()).getSubcommands().values().stream()
        .flatMap(verb -> Stream.concat(Stream.of(verb), verb.getSubcommands().values().stream()));
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void everyWordThatTheCompletionOffersIsTaken(CommandLine verb) {
    for (OptionSpec option : verb.getCommandSpec().options()) {
      if (option.completionCandidates() == null || option.arity().max() == 0) {
        continue;
      }
      for (String word : option.completionCandidates()) {
        CommandSpec alone =
            CommandSpec.create()
                .addOption(
                    OptionSpec.builder("--it")
                        .type(option.type())
                        .converters(option.converters())
                        .build());
        Object value =
            new CommandLine(alone).parseArgs("--it", word).matchedOptionValue("--it", null);
        assertThat(value).as("%s %s", option.longestName(), word).isNotNull();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void everyVerbThatDoesAnythingHearsHowMuchToSay(CommandLine verb) {
    boolean acts = verb.getSubcommands().isEmpty() && !verb.getCommandName().equals("man");
    assertThat(
            verb.getCommandSpec()
                .optionsMap()
                .keySet()
                .containsAll(Set.of("-v", "--verbose", "--quiet", "--color")))
        .as(verb.getCommandSpec().qualifiedName())
        .isEqualTo(acts);
  }

  /** As it does for the completion in deploy/dist/build. */
  @Test
  void picocliCanMakeTheTool() throws Exception {
    assertThat(CommandLine.defaultFactory().create(Sluice.class)).isNotNull();
  }

  @Test
  void theCompletionOffersWordsAsTheyAreTyped() {
    assertThat(AutoComplete.bash("sluice", Sluice.commandLine(ToolServices.real())))
        .contains("\"fail\" \"checkpoint\" \"cancel\"")
        .contains("\"running\" \"checkpoint\" \"over\" \"stopped\"");
  }

  @Test
  void theCompletionKnowsTheVerbsAndTheirFlags() {
    String script = AutoComplete.bash("sluice", Sluice.commandLine(ToolServices.real()));
    assertThat(script)
        .contains("function _picocli_sluice_stop()", "function _picocli_sluice_context_use()")
        .contains("'--savepointPath'", "'--bootstrap-servers'");
  }
}

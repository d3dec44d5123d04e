package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** One meaning of each exit code and of each refusal's code, in the help and in the documents. */
class ExitCodeTest {

  private static final Path SOURCES = Path.of("src", "main", "java", "dev", "sluice");

  /** What the words of a verb have to hold for a code to mean the same everywhere. */
  private static final Map<ExitCode, Pattern> SAYS =
      Map.of(
          ExitCode.ESCALATED, Pattern.compile("escalation"),
          ExitCode.NOT_KNOWN, Pattern.compile("timed out|not within|in time"),
          ExitCode.BAD, Pattern.compile("\\bnot\\b|failed|missing|contradict"),
          ExitCode.FAILED_STOPPING, Pattern.compile("savepoint good, job failed"),
          ExitCode.UNDECIDED, Pattern.compile("nothing is known to be wrong"),
          ExitCode.LEFT, Pattern.compile("left, and the job runs on"),
          ExitCode.NO_ANSWER, Pattern.compile("not answer"));

  static Stream<CommandLine> verbs() {
    List<CommandLine> all = new ArrayList<>();
    collect(Sluice.commandLine(ToolServices.real()), all);
    return all.stream().skip(1); // the tool itself
  }

  private static void collect(CommandLine command, List<CommandLine> all) {
    all.add(command);
    command.getSubcommands().values().forEach(sub -> collect(sub, all));
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void everyVerbsHelpHasCodesOfTheTable(CommandLine verb) {
    Map<String, String> codes = verb.getCommandSpec().usageMessage().exitCodeList();
    assertThat(codes.keySet()).as(verb.getCommandName()).contains("0", "1", "2");
    codes.forEach(
        (number, words) -> {
          ExitCode code = ExitCode.of(number).orElseThrow();
          assertThat(words).startsWith(code == ExitCode.USAGE ? code.meaning() : code.word() + ":");
          assertThat(verb.getUsageMessage(CommandLine.Help.Ansi.OFF))
              .containsPattern("(?m)^  %s +%s".formatted(number, words.substring(0, 4)));
        });
  }

  /** What a verb says of a code is its own; the common word stands before it already. */
  @ParameterizedTest
  @MethodSource("verbs")
  void whatAVerbSaysOfACodeFitsTheTable(CommandLine verb) {
    Map<String, String> codes = verb.getCommandSpec().usageMessage().exitCodeList();
    assertThat(codes.keySet().stream().map(Integer::valueOf).toList())
        .as(verb.getCommandName())
        .isSorted();
    codes.forEach(
        (number, words) -> {
          ExitCode code = ExitCode.of(number).orElseThrow();
          String own = words.substring(words.indexOf(':') + 1).strip();
          assertThat(own).as(number).isNotEmpty().doesNotStartWith(code.word());
          Pattern must = SAYS.get(code);
          if (must != null) {
            assertThat(own).as("%s %s", verb.getCommandName(), number).containsPattern(must);
          }
        });
  }

  /** A flag that ends with 0 without the verb's own result is documented next to that code. */
  @ParameterizedTest
  @MethodSource("verbs")
  void codeZeroNamesEachFlagThatLeavesTheResultOut(CommandLine verb) {
    String done = verb.getCommandSpec().usageMessage().exitCodeList().get("0");
    for (String flag : List.of("--dry-run", "--detached", "--detach", "--print")) {
      boolean has = verb.getCommandSpec().optionsMap().containsKey(flag);
      assertThat(Pattern.compile(flag + "\\b").matcher("" + done).find())
          .as("%s %s: %s", verb.getCommandName(), flag, done)
          .isEqualTo(has);
    }
  }

  @Test
  void theTableOfTheDocumentsIsThis() throws IOException {
    String page = Files.readString(Path.of("src", "site", "markdown", "commands.md"));
    for (ExitCode code : ExitCode.values()) {
      assertThat(page)
          .contains("| %s | %s | %s |".formatted(code.number(), code.word(), code.meaning()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyRefusalHasItsSectionOfTheRunbook(RefusalCode code) throws IOException {
    String runbook = Files.readString(Path.of("deploy", "runbook.md"));
    assertThat(runbook.lines()).contains("### " + code.code());
    assertThat(code.section())
        .isEqualTo("deploy/runbook.md#" + code.code().toLowerCase(Locale.ROOT));
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeIsGivenSomewhere(RefusalCode code) throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      assertThat(
              files
                  .filter(file -> file.toString().endsWith(".java"))
                  .map(ExitCodeTest::read)
                  .filter(text -> text.contains("RefusalCode." + code.name())))
          .isNotEmpty();
    }
  }

  @Test
  void aMessageCarriesItsCodeOnce() {
    String once = RefusalCode.NO_JOB.in("there is no job (x)");
    assertThat(once).isEqualTo("there is no job (x) [SLU-NO-JOB]");
    assertThat(RefusalCode.NO_ANSWER.in(once)).isEqualTo(once);
    assertThat(RefusalCode.of(once + ". " + RefusalCode.RESUME_JAR.in("no jar")))
        .containsExactly(RefusalCode.NO_JOB, RefusalCode.RESUME_JAR);
    assertThat(RefusalCode.of("[SLU-NOT-OURS] of a broker's message")).isEmpty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

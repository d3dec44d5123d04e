package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sluice.support.Runbook;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be checked of the runbook without a cluster; {@link RunbookIT} runs it. */
class RunbookTest {

  private static final List<String> ANCHORS =
      List.of(
          "stop",
          "resume",
          "scale-up",
          "scale-down",
          "roll-back",
          "upgrade-the-job",
          "upgrade-flink",
          "replace-the-champion",
          "clear-a-stuck-transaction",
          "exit-3",
          "exit-4",
          "exit-5",
          "exit-6",
          "savepoint-lost",
          "process-lost",
          "drills",
          "dead-letters",
          "suspect-events",
          "lag",
          "failed-commits",
          "commands-in-a-replay",
          "records-of-somebody-else",
          "new-partitions",
          "drift",
          "guard-down",
          "refusals");

  private static final Pattern LINK = Pattern.compile("\\]\\(#([^)]+)\\)");
  private static final Pattern SLUICE = Pattern.compile("sluice ((?:\"[^\"]*\"|[^|>&;)])+)");
  private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|[^\\s\"]+");

  @Test
  void everyProcedureHasTheHeadingThatOthersLinkTo() throws IOException {
    assertThat(anchors()).containsExactlyInAnyOrderElementsOf(ANCHORS);
    Matcher links = LINK.matcher(Files.readString(Path.of("deploy", "runbook.md")));
    while (links.find()) {
      assertThat(anchors()).contains(links.group(1));
    }
  }

  @Test
  void everyBlockSaysWhetherItIsRun() throws IOException {
    assertThat(Runbook.read().blocks())
        .hasSizeGreaterThan(ANCHORS.size())
        .allSatisfy(
            block -> {
              assertThat(block.isMarked())
                  .as(
                      "%s: (%s) must be <!-- run --> or <!-- not run: why -->",
                      block.where(), block.mark())
                  .isTrue();
              assertThat(block.commands()).as(block.where()).isNotEmpty();
            });
  }

  static Stream<String> commands() throws IOException {
    List<String> all = new ArrayList<>();
    for (Runbook.Block block : Runbook.read().blocks()) {
      for (String command : block.commands()) {
        Matcher found = SLUICE.matcher(command);
        if (found.lookingAt() || (command.contains("$(sluice ") && found.find())) {
          all.add(found.group(1).strip());
        }
      }
    }
    return all.stream().distinct();
  }

  /** Whether it is run or not. */
  @ParameterizedTest
  @MethodSource("commands")
  void theToolTakesEveryCommandAsItIsWritten(String command) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(command);
    while (word.find()) {
      words.add(word.group().replace("\"", ""));
    }
    assertThatCode(
            () -> Sluice.commandLine(ToolServices.real()).parseArgs(words.toArray(String[]::new)))
        .as("sluice %s", command)
        .doesNotThrowAnyException();
  }

  private static List<String> anchors() throws IOException {
    return Runbook.read().sections().stream()
        .map(heading -> heading.toLowerCase(Locale.ROOT).replace(' ', '-'))
        .toList();
  }
}

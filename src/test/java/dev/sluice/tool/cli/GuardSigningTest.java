package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.KeyFiles;
import dev.sluice.tool.stop.StopPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A guard signs the receipts of its stops as {@code stop} does. */
class GuardSigningTest {

  @TempDir Path folder;

  @Test
  void theStopOfAGuardHasItsKey() throws Exception {
    String key = KeyFiles.in(folder, "receipts").secret().toString();
    assertThat(policy("--sign", key).keys().canSign()).isTrue();
    assertThat(policy().keys().areGiven()).as("without a key").isFalse();
  }

  private StopPolicy policy(String... more) {
    List<String> line = new ArrayList<>(List.of("flights", "--rest", "http://127.0.0.1:1"));
    line.addAll(List.of("--journal", folder.resolve("stops").toString()));
    line.addAll(List.of(more));
    GuardCommand guard = new GuardCommand();
    CommandLine.ParseResult unused = new CommandLine(guard).parseArgs(line.toArray(String[]::new));
    guard.options.connection.chosen.environment = Map.of();
    return guard.options.policy(false);
  }
}

package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.ops.CommittedTopic;
import dev.sluice.support.Command;
import dev.sluice.support.CommandResult;
import dev.sluice.support.JobTopics;
import dev.sluice.support.Ledger;
import dev.sluice.support.LocalCluster;
import dev.sluice.support.SavedKeys;
import dev.sluice.support.SavepointModels;
import dev.sluice.support.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The demo as a new user runs it: twice, and the second run goes on where the first one stopped.
 */
class DemoIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int OFFSET = LocalCluster.firstTestOffset() + 900;

  private final Path directory = Path.of("target", "it-demo").toAbsolutePath();

  @Test
  void theSecondRunGoesOnWhereTheFirstOneStopped() throws Exception {
    CommandResult first = demo("--fresh");
    Map<String, Long> learned = learned();
    CommandResult second = demo();

    assertThat(first.stdout() + first.stderr()).contains("Stopped. Saved ").contains("web UI at");
    assertThat(second.stdout() + second.stderr()).contains("Resuming from the savepoint");
    assertThat(script("cluster", "status").exitCode()).as("nothing is left running").isEqualTo(3);
    assertThat(learned).hasSizeGreaterThan(50);
    Map<String, Long> more = learned();
    learned.forEach((key, updates) -> assertThat(more.get(key)).isGreaterThanOrEqualTo(updates));
    assertThat(sum(more)).isGreaterThan(sum(learned));
  }

  /** Each key's latest {@code updates}; they never go back. The ledger is clean. */
  private Map<String, Long> learned() throws Exception {
    JobTopics topics =
        new JobTopics(
            "sluice.events",
            "sluice.predictions",
            "sluice.evaluations",
            "sluice.deferred",
            "sluice.dead-letters");
    String savepoint =
        "file://" + Files.readString(directory.resolve("demo").resolve("savepoint")).strip();
    SavedKeys keys = SavepointModels.keys(savepoint);
    try (LocalCluster cluster = LocalCluster.start(directory, OFFSET, 1, 1)) {
      Verdict verdict =
          new Ledger(cluster.bootstrapServers(), topics, "sluice")
              .below(SavepointModels.offsets(savepoint))
              .holding(keys.held())
              .read()
              .assertClean();
      assertThat(verdict.inputs()).isGreaterThan(1_000);
      return updates(cluster.bootstrapServers());
    }
  }

  private static Map<String, Long> updates(String broker) throws IOException {
    Map<String, Long> updates = new HashMap<>();
    new CommittedTopic(broker, "sluice.predictions")
        .read(
            record -> {
              JsonNode prediction = JSON.readTree(record.value());
              String key = prediction.get("key").asText();
              long now = prediction.get("updates").asLong();
              assertThat(now).as(key).isGreaterThanOrEqualTo(updates.getOrDefault(key, 0L));
              updates.put(key, now);
            });
    return updates;
  }

  private static long sum(Map<String, Long> updates) {
    return updates.values().stream().mapToLong(Long::longValue).sum();
  }

  private CommandResult demo(String... options) {
    List<String> arguments = new ArrayList<>(List.of("--for", "15s"));
    arguments.addAll(List.of(options));
    return script("demo", arguments.toArray(String[]::new)).requireSuccess();
  }

  private CommandResult script(String name, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of("deploy", "local", name).toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    return Command.run(
        command,
        Map.of("SLUICE_DIR", directory.toString(), "SLUICE_PORT_OFFSET", "" + OFFSET),
        LIMIT);
  }
}

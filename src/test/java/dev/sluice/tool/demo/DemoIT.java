package dev.sluice.tool.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.Origin;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.tool.broker.CommittedTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The demo as a new user runs it: twice, with other commands at the same time, and the second run
 * continues where the first one stopped.
 */
@Tag("operations")
class DemoIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int OFFSET = LocalCluster.firstTestOffset() + 900;

  private static final JobTopics TOPICS =
      new JobTopics(
          "sluice.events",
          "sluice.predictions",
          "sluice.evaluations",
          "sluice.deferred",
          "sluice.dead-letters",
          "sluice.control",
          "sluice.control-log");

  private final Path directory = Path.of("target", "it-demo").toAbsolutePath();

  @Test
  void theSecondRunGoesOnWhereTheFirstOneStopped() throws Exception {
    CompletableFuture<CommandResult> running =
        CompletableFuture.supplyAsync(() -> demo("--fresh", "--for", "2m"));
    Eventually.until("the job runs", LIMIT, () -> tool("status", "sluice").exitCode() == 0);
    aKeyIsPausedAndCaughtUp();
    tool("drill", "sluice", "--parallelism", "1").requireSuccess();
    CommandResult first = running.get();
    String firstSavepoint = savepoint();
    CommandResult second = demo("--for", "10s");
    String secondSavepoint = savepoint();

    assertThat(first.stdout() + first.stderr())
        .contains("web UI at", "It continues as job ", "Stopped. Saved ");
    assertThat(second.stdout() + second.stderr()).contains("Resuming from the savepoint");
    assertThat(script("cluster", "status").exitCode()).as("nothing is left running").isEqualTo(3);
    try (LocalCluster cluster = LocalCluster.start(directory, OFFSET, 1, 1)) {
      Verdict verdict =
          new Ledger(cluster.bootstrapServers(), TOPICS, "sluice")
              .below(SavepointModels.offsets(secondSavepoint))
              .holding(SavepointModels.keys(secondSavepoint).held())
              .read()
              .assertClean();
      assertThat(verdict.inputs()).isGreaterThan(1_000);
      assertNothingForgotten(cluster.kafkaClient(), SavepointModels.offsets(firstSavepoint));
    }
  }

  /** What a replay adds to the input is not the feeder's. */
  private void aKeyIsPausedAndCaughtUp() {
    Eventually.until(
        "the job gets a pause command", LIMIT, () -> control("pause", "--part", "scoring") == 0);
    Eventually.until(
        "an observation is deferred",
        LIMIT,
        () -> {
          control("resume");
          String replayed = tool("replay").requireSuccess().stdout();
          control("pause", "--part", "scoring");
          return !replayed.startsWith("0 ");
        });
    assertThat(control("resume")).isZero();
    tool("replay").requireSuccess();
  }

  private int control(String verb, String... options) {
    List<String> arguments = new ArrayList<>(List.of("control", verb, "--key", "ORD"));
    arguments.addAll(List.of(options));
    return tool(arguments.toArray(String[]::new)).exitCode();
  }

  private CommandResult tool(String... arguments) {
    return script("sluice", arguments);
  }

  /** Each key's {@code updates} never go back, and keys of the first run learn on in the second. */
  private static void assertNothingForgotten(Properties client, Map<TopicPartition, Long> firstEnds)
      throws IOException {
    Map<String, Long> first = new HashMap<>();
    Map<String, Long> both = new HashMap<>();
    new CommittedTopic(client, TOPICS.predictions())
        .read(
            record -> {
              JsonNode prediction = JSON.readTree(record.value());
              String key = prediction.get("key").asText();
              long updates = prediction.get("updates").asLong();
              assertThat(updates).as(key).isGreaterThanOrEqualTo(both.getOrDefault(key, 0L));
              both.put(key, updates);
              Origin origin =
                  Origin.parse(
                      new String(record.headers().lastHeader("sluice-origin").value(), UTF_8));
              if (origin.offset()
                  < firstEnds.getOrDefault(
                      new TopicPartition(origin.topic(), origin.partition()), 0L)) {
                first.put(key, updates);
              }
            });
    assertThat(first).hasSizeGreaterThan(50);
    assertThat(first.entrySet())
        .anyMatch(
            key -> key.getValue() > 0 && both.getOrDefault(key.getKey(), 0L) > key.getValue());
  }

  private String savepoint() throws IOException {
    return "file://" + Files.readString(directory.resolve("demo").resolve("savepoint")).strip();
  }

  private CommandResult demo(String... options) {
    return script("demo", options).requireSuccess();
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

package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.support.Runbook;
import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.traffic.FlightFeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the commands of {@code deploy/runbook.md} in their order, as they stand there. */
@Tag("operations")
class RunbookIT {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int OFFSET = LocalCluster.firstTestOffset() + 700;
  private static final int GUARD_PORT = 8090;
  private static final int EVENTS_A_SECOND = 300;

  /** Which the champions of the runbook learn from. */
  private static final int CHAMPIONS_ROWS = 100_000;

  private final Path directory = Path.of("target", "it-runbook").toAbsolutePath();
  private final Path variables = directory.resolve("variables");
  private final Path log = Path.of("target", "runbook.log").toAbsolutePath();

  @Test
  void everyProcedureWorksAsItIsWrittenAndNothingIsLostOrDoubled() throws Exception {
    try (LocalCluster cluster = LocalCluster.startEmpty(directory, OFFSET, 2, 4)) {
      Files.deleteIfExists(log);
      try (FlightFeed feed =
          FlightFeed.start(cluster.kafkaClient(), CHAMPIONS_ROWS, EVENTS_A_SECOND)) {
        for (Runbook.Block block : Runbook.read().blocks()) {
          if (block.isRun()) {
            run(block);
          }
        }
        feed.stop();
        assertThat(feed.sent()).isGreaterThan(10_000);
      }
      assertClean(cluster);
    }
  }

  private void run(Runbook.Block block) throws IOException {
    CommandResult result = Command.run(List.of("bash", "-c", script(block)), environment(), LIMIT);
    Files.writeString(
        log,
        "=== %s%n%s%n".formatted(block.where(), result),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    assertThat(result.exitCode()).as("%s: %s", block.where(), result).isEqualTo(block.exitCode());
    assertThat(block.missingIn(result.stdout() + "\n" + result.stderr()))
        .as("%s: lines that are not printed any more, in%n%s", block.where(), result)
        .isEmpty();
  }

  /** A block is a shell of its own, and finds the variables that those before it have set. */
  private String script(Runbook.Block block) {
    return """
        set -euo pipefail
        set -o allexport
        variables='%s'
        [[ ! -r $variables ]] || . "$variables"
        trap 'export -p >"$variables"' EXIT
        %s
        """
        .formatted(variables, String.join("\n", block.commands()));
  }

  private Map<String, String> environment() {
    return Map.of(
        "SLUICE_DIR",
        directory.toString(),
        "SLUICE_PORT_OFFSET",
        "" + OFFSET,
        "GUARD",
        "127.0.0.1:" + (GUARD_PORT + OFFSET));
  }

  private static void assertClean(LocalCluster cluster) {
    Eventually.until(
        "the job has read all there is",
        LIMIT,
        () ->
            cluster
                    .sluice("status", "sluice", "-o", "json")
                    .requireSuccess()
                    .json()
                    .path("lag")
                    .asLong(-1)
                == 0);
    JsonNode stopped =
        cluster.sluice("stop", "sluice", "--grace", "2m", "-o", "json").requireSuccess().json();
    JsonNode audit =
        cluster
            .sluice("audit", "--receipt", stopped.path("receiptFile").asText(), "-o", "json")
            .requireSuccess()
            .json();
    assertThat(audit.path("clean").asBoolean()).isTrue();
    assertThat(audit.path("inputs").asLong()).isGreaterThan(10_000);
    assertThat(audit.path("undecided").asLong()).isZero();
    assertThat(audit.path("notReplayed").asLong()).isZero();
  }
}

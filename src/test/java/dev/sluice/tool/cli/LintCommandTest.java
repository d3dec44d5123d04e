package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LintCommandTest {

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aContradictionIsToldInJsonAlone() throws IOException {
    Path unit = folder.resolve("guard.service");
    Files.writeString(
        unit, "[Service]\nExecStart=sluice guard sluice --grace 2m\nTimeoutStopSec=60\n");
    assertThat(execute("lint", unit.toString(), "-o", "json")).isEqualTo(5);
    assertThat(err.toString()).isEmpty();
    JsonNode json = StrictJson.object(out.toString());
    assertThat(json.path("exitCode").asInt()).isEqualTo(5);
    JsonNode one = json.path("contradictions").path(0);
    assertThat(json.path("contradictions")).hasSize(1);
    assertThat(one.path("check").asText()).isEqualTo("the-guard-outlives-its-stop");
    assertThat(one.path("left").path("name").asText()).isEqualTo("TimeoutStopSec");
    assertThat(one.path("left").path("value").asText()).isEqualTo("60");
    assertThat(one.path("left").path("file").asText()).isEqualTo(unit.toString());
    assertThat(one.path("right").path(0).path("name").asText()).isEqualTo("--grace");
    assertThat(one.path("right").path(0).path("seconds").asDouble()).isEqualTo(120);
    assertThat(one.path("neededSeconds").asDouble()).isEqualTo(210);
    assertThat(one.path("wayOut").asText())
        .isEqualTo("raise TimeoutStopSec to more than 210 s, or lower --grace");
    assertThat(json.path("read")).hasSize(3);
    assertThat(json.path("notes").path(0).asText()).contains("--state-size");
    assertThat(json.path("notChecked")).hasSize(8);
    assertThat(json.path("unreadable")).isEmpty();
  }

  @Test
  void whatWasReadAndTheVerdictAreToldToPeople() {
    assertThat(execute("lint", "flink-conf", "--planned-downtime", "10m")).isZero();
    assertThat(out.toString().lines())
        .anyMatch(line -> line.startsWith("read         execution.checkpointing.interval (10 s, "))
        .contains("read         --planned-downtime (600s, command line)")
        .contains("2 of 9 checks made: no contradiction.");
    assertThat(err.toString()).isEmpty();
  }

  private int execute(String... line) {
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line);
  }
}

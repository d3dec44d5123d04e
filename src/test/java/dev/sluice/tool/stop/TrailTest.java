package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrailTest {

  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir Path folder;

  private final StringWriter said = new StringWriter();
  private final PrintWriter err = new PrintWriter(said, true);

  @Test
  void eachEventIsALineWithItsFields() throws IOException {
    Path file = folder.resolve("deep/er/trail.jsonl");
    try (Trail trail = Trail.open(file, err)) {
      trail.on(new StopEvent.Started(NOON, Step.SAVEPOINT, "waits for the \"savepoint\"\nnow"));
      trail.on(
          new StopEvent.Progress(
              NOON, Step.SAVEPOINT, "half", Map.of("bytes", 7L, "subtasks", 4L)));
      trail.on(
          new StopEvent.Ended(
              NOON, Step.SAVEPOINT, StepResult.OK, Duration.ofMillis(1500), "written"));
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    JsonNode started = new ObjectMapper().readTree(lines.get(0));
    assertThat(started.path("time").asText()).isEqualTo("2026-11-22T12:00:00Z");
    assertThat(started.path("event").asText()).isEqualTo("started");
    assertThat(started.path("text").asText()).isEqualTo("waits for the \"savepoint\"\nnow");
    assertThat(started.has("result")).isFalse();
    JsonNode progress = new ObjectMapper().readTree(lines.get(1));
    assertThat(progress.path("event").asText()).isEqualTo("progress");
    assertThat(progress.path("figures").path("bytes").asLong()).isEqualTo(7);
    assertThat(lines.get(2))
        .isEqualTo(
            "{\"time\":\"2026-11-22T12:00:00Z\",\"step\":\"savepoint\",\"event\":\"ended\","
                + "\"result\":\"ok\",\"durationMs\":1500,\"text\":\"written\"}");
    assertThat(said.toString()).isEmpty();
  }

  @Test
  void aLineIsInTheFileBeforeTheStopGoesOn() throws IOException {
    Path file = folder.resolve("trail.jsonl");
    try (Trail trail = Trail.open(file, err)) {
      trail.on(new StopEvent.Started(NOON, Step.PREFLIGHT, "checks"));
      assertThat(Files.readAllLines(file)).hasSize(1);
    }
  }

  @Test
  void theLinesOfAnEarlierStopStay() throws IOException {
    Path file = folder.resolve("trail.jsonl");
    for (int i = 0; i < 2; i++) {
      try (Trail trail = Trail.open(file, err)) {
        trail.on(new StopEvent.Started(NOON, Step.PREFLIGHT, "checks"));
      }
    }
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void onlyTheOwnerMayReadIt() throws IOException {
    Path file = folder.resolve("trail.jsonl");
    Trail.open(file, err).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aWriteThatFailsIsToldOnceAndDoesNotEndTheStop() throws IOException {
    Trail trail = Trail.open(folder.resolve("trail.jsonl"), err);
    trail.close();
    trail.on(new StopEvent.Started(NOON, Step.PREFLIGHT, "checks"));
    trail.on(new StopEvent.Started(NOON, Step.REQUEST, "asks"));
    assertThat(said.toString().lines()).hasSize(1);
    assertThat(said.toString()).contains("trail.jsonl").contains("the stop continues");
  }

  @Test
  void aFileThatCannotBeOpenedIsAnError() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> Trail.open(file.resolve("trail.jsonl"), err))
        .isInstanceOf(IOException.class);
  }
}

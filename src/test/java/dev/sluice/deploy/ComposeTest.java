package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.lint.Lint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code deploy/compose/compose.yaml}, held against the specification, rules, and {@code lint}. */
class ComposeTest {

  @Test
  void theFileHoldsToTheSpecificationAndToTheRules() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    assertThat(stack.names("services"))
        .contains("broker", "topics", "jobmanager", "taskmanager", "guard", "prometheus", "grafana")
        .contains("submit", "resume", "tool");
    assertThat(ComposeRules.problems(stack)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stop_grace_period: 240s   | stop_grace_periods: 240s          | stop_grace_periods",
        "healthcheck:              | helthcheck:                       | helthcheck",
        "name: sluice              | nmae: sluice                      | nmae",
        "volumes:\\n  broker:      | volume:\\n  broker:               | volume",
        "retries: 24               | retires: 24                       | retires",
        "service_healthy           | service_helthy                    | a value in the enumeration",
        "init: true                | init: 1.5                         | init",
        "interval: 5s              | interval: [5s]                    | interval",
        "kafka:4.2.1               | kafka                             | image that is not pinned",
        "grafana:12.2.0            | grafana:latest                    | image that is not pinned",
        "prometheus:v3.5.0         | prometheus:v3                     | image that is not pinned",
        "127.0.0.1:8081:8081       | 8081:8081                         | beyond 127.0.0.1",
        "127.0.0.1:9090:9090       | 0.0.0.0:9090:9090                 | beyond 127.0.0.1",
        "../prometheus/rules       | ../prometheus/rulers              | mounts what is not there",
        "- state:/var              | - sate:/var                       | no volume that is declared",
        "[guard-token]             | [guard-tokens]                    | names no secret",
        "secrets: [grafana-password] | secrets: [guard-token]         | not given the secret",
        "init: true                | tty: true                         | has no init",
        "job.Dockerfile            | jobs.Dockerfile                   | is not there",
        "cap_drop: [ALL]           | cap_drop: [KILL]                  | rights",
        "init: true                | user: root                        | another user",
        "command: [jobmanager]     | command: jobmanager               | is not a list",
        "exec java                 | java                              | stays a shell",
        "file: secrets/guard-token | file: guard-token                 | is not a file in secrets/",
        "/run/secrets/grafana-password | hunter2                       | holds a secret",
        "Viewer                    | 4f1c9b0a7d23e58861aa90b7c2d4e6f1  | holds a secret",
        "broker: {condition        | borker: {condition                | names no service",
        "pull_policy: never        | pull_policy: always               | an image of ours in a registry",
        "pull_policy: never        | build: ../..                      | builds sluice-job:0.1.0 as well",
      })
  void whatIsWrongIsFound(String right, String wrong, String found) throws IOException {
    String text = Files.readString(ComposeStack.FILE);
    String broken = text.replace(unfolded(right), unfolded(wrong));
    assertThat(broken).as("the fault is planted").isNotEqualTo(text);
    assertThat(ComposeRules.problems(ComposeStack.of(broken)))
        .anySatisfy(problem -> assertThat(problem).contains(found));
  }

  /**
   * Whatever signal `docker kill` sends counts as a stop by hand, after which `unless-stopped`
   * starts the container no more: a guard that left on SIGHUP would be the last one.
   */
  @Test
  void noCommandSignalsTheGuardSoThatDockerStartsItNoMore() throws IOException {
    assertThat(Files.readAllLines(ComposeStack.FILE))
        .filteredOn(line -> line.contains("compose kill -s"))
        .allMatch(line -> line.contains("&& docker compose up -d guard"));
  }

  private static String unfolded(String text) {
    return text.replace("\\n", "\n");
  }

  @Test
  void theNumbersOfTheDeploymentFit() {
    Map<String, Object> report = lint(ComposeStack.FILE);
    assertThat(report).containsEntry("exitCode", 0).containsEntry("contradictions", List.of());
    // What is distinguished by content could be overlooked.
    assertThat(read(report))
        .contains(
            "guard --grace 2m",
            "guard stop_grace_period 240s",
            " execution.checkpointing.interval 10 s",
            " sluice.sink.transaction-timeout 15 min",
            " transaction.max.timeout.ms 900000");
    assertThat("" + report.get("notChecked"))
        .contains("transactions-outlive-the-downtime", "topics-outlive-the-downtime")
        .doesNotContain("guard", "broker-grants");
  }

  @Test
  void aGuardThatWouldBeKilledInItsStopIsFound(@TempDir Path folder) throws IOException {
    Path killed = folder.resolve("compose.yaml");
    Files.writeString(
        killed,
        Files.readString(ComposeStack.FILE)
            .replace("stop_grace_period: 240s", "stop_grace_period: 10s"));
    Map<String, Object> report = lint(killed);
    assertThat(report).containsEntry("exitCode", 5);
    assertThat("" + report.get("contradictions"))
        .contains("the-guard-outlives-its-stop", "value=10s");
  }

  private static Map<String, Object> lint(Path compose) {
    return Lint.of(List.of(compose, ComposeStack.FLINK, ComposeStack.BROKER), null, null).figures();
  }

  private static List<String> read(Map<String, Object> report) {
    List<String> read = new ArrayList<>();
    for (Object each : (List<?>) report.getOrDefault("read", List.of())) {
      Map<?, ?> figures = (Map<?, ?>) each;
      Object unit = figures.containsKey("unit") ? figures.get("unit") : "";
      read.add("%s %s %s".formatted(unit, figures.get("name"), figures.get("value")));
    }
    return read;
  }

  @Test
  void secretsAreNeverCommitted() throws IOException {
    assertThat(Files.readAllLines(Path.of(".gitignore"))).contains("/deploy/compose/secrets/");
  }
}

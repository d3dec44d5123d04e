package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.lint.Lint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice lint} over what is sent to a cluster. */
class KubernetesLintTest {

  private static final Path BROKER = Path.of("deploy/local/broker/server.properties");
  private static final Duration DOWNTIME = Duration.ofMinutes(10);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {Kustomized.DEVELOPMENT, Kustomized.PRODUCTION})
  void itsNumbersFitTogether(String directory) throws IOException {
    JsonNode report = lint(Kustomized.of(directory).yaml());
    assertThat(report.path("contradictions")).isEmpty();
    assertThat(report.path("unreadable")).isEmpty();
    assertThat(report.path("notChecked")).as("every check had its numbers").isEmpty();
    assertThat(seconds(report, "--grace")).containsExactly(120.0);
    assertThat(seconds(report, "terminationGracePeriodSeconds")).containsExactly(240.0);
    assertThat(seconds(report, "sluice.sink.transaction-timeout")).containsExactly(900.0);
    assertThat(report.path("exitCode").asInt()).isZero();
  }

  @Test
  void aGuardThatWouldBeKilledInItsStopIsFound() throws IOException {
    String yaml = Kustomized.of(Kustomized.PRODUCTION).yaml();
    String graceful = "terminationGracePeriodSeconds: 240";
    assertThat(yaml).contains(graceful);
    // Thirty seconds, written or by default.
    for (String tooShort : List.of("terminationGracePeriodSeconds: 30", "hostNetwork: false")) {
      JsonNode report = lint(yaml.replace(graceful, tooShort));
      assertThat(report.path("contradictions")).hasSize(1);
      assertThat(report.at("/contradictions/0/check").asText())
          .isEqualTo("the-guard-outlives-its-stop");
      assertThat(report.at("/contradictions/0/left/seconds").asDouble()).isEqualTo(30.0);
    }
  }

  private static List<Double> seconds(JsonNode report, String name) {
    return Manifest.list(report.path("read")).stream()
        .filter(each -> each.path("name").asText().equals(name))
        .filter(each -> !each.path("default").asBoolean())
        .map(each -> each.path("seconds").asDouble())
        .toList();
  }

  private JsonNode lint(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("rendered.yaml"), yaml);
    return new ObjectMapper().valueToTree(Lint.of(List.of(file, BROKER), DOWNTIME, null).figures());
  }
}

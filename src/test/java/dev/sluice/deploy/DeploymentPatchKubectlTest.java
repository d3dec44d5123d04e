package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.cluster.Command;
import dev.sluice.tool.resume.PatchFixture;
import dev.sluice.tool.resume.ResumeOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The patch of {@code resume --to flinkdeployment}, laid over the manifests of this repository. */
class DeploymentPatchKubectlTest {

  /** As YAML 1.1, which kubectl reads, would take it without quotes, or would break in lines. */
  private static final String HOSTILE = "off: \"b\" # 'c' \\ \n- d \u0085\u2028\u2029 é 😀";

  private static final Map<String, String> SETTINGS =
      Map.of("sluice.restore-fence", "off", "sluice.job.name", HOSTILE, "sluice.a", "12:30:00");

  @TempDir Path folder;

  @Test
  void kubectlTakesItAndTheOperatorKnowsEachField() throws IOException {
    JsonNode before = Kustomized.of(Kustomized.PRODUCTION).flink().json();
    ResumeOutcome.Patched patch =
        PatchFixture.patch(
            "s3://savepoints/" + HOSTILE,
            SETTINGS,
            Map.of("execution.checkpointing.interval", "7000 ms"),
            1_764_000_000_000L);
    JsonNode after = patched(before, patch.yaml());

    assertThat(OperatorSchemas.flinkDeployment().faults(Manifest.parse(after.toString()).get(0)))
        .isEmpty();
    JsonNode job = after.at("/spec/job");
    assertThat(job.path("initialSavepointPath").asText()).isEqualTo("s3://savepoints/" + HOSTILE);
    assertThat(job.path("savepointRedeployNonce").asLong()).isEqualTo(1_764_000_000_000L);
    assertThat(job.path("parallelism").asInt()).isEqualTo(4);
    assertThat(job.path("args"))
        .extracting(JsonNode::textValue)
        .containsExactly(
            "--settings",
            "/etc/sluice/sluice.yaml",
            "--sluice.a",
            "12:30:00",
            "--sluice.job.name",
            HOSTILE,
            "--sluice.restore-fence",
            "off");
    assertThat(job.path("jarURI")).isEqualTo(before.at("/spec/job/jarURI"));
    JsonNode flink = after.at("/spec/flinkConfiguration");
    assertThat(flink.path("execution.checkpointing.interval").textValue()).isEqualTo("7000 ms");
    assertThat(flink.size()).isEqualTo(before.at("/spec/flinkConfiguration").size());

    String json = new ObjectMapper().writeValueAsString(patch.patch());
    assertThat(patched(before, json)).as("what -o json prints").isEqualTo(after);
  }

  private JsonNode patched(JsonNode deployment, String patch) throws IOException {
    Path before = Files.writeString(folder.resolve("before.json"), deployment.toString());
    Path file = Files.writeString(folder.resolve("patch.yaml"), patch);
    List<String> kubectl =
        List.of(
            "kubectl",
            "patch",
            "--local",
            "-f",
            before.toString(),
            "--type",
            "merge",
            "--patch-file",
            file.toString(),
            "-o",
            "json");
    return new ObjectMapper()
        .readTree(Command.run(kubectl, Map.of(), Duration.ofSeconds(30)).requireSuccess().stdout());
  }
}

package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class DeploymentPatchTest {

  private static final SortedMap<String, String> NONE = new TreeMap<>();
  private static final long NONCE = 1_764_000_000_000L;

  @Test
  void itNamesTheSnapshotAndAllThatTheOperatorNeedsToTakeIt() {
    DeploymentPatch patch =
        new DeploymentPatch(
            "s3://savepoints/x",
            4,
            "/etc/sluice/sluice.yaml",
            new TreeMap<>(Map.of("sluice.job.name", "j", "sluice.restore-fence", "off")),
            new TreeMap<>(Map.of("execution.checkpointing.interval", "10000 ms")),
            NONCE);
    assertThat(parsed(patch))
        .isEqualTo(
            Map.of(
                "spec",
                Map.of(
                    "flinkConfiguration",
                    Map.of("execution.checkpointing.interval", "10000 ms"),
                    "job",
                    Map.of(
                        "state",
                        "running",
                        "upgradeMode",
                        "savepoint",
                        "allowNonRestoredState",
                        false,
                        "initialSavepointPath",
                        "s3://savepoints/x",
                        "savepointRedeployNonce",
                        NONCE,
                        "parallelism",
                        4,
                        "args",
                        List.of(
                            "--settings",
                            "/etc/sluice/sluice.yaml",
                            "--sluice.job.name",
                            "j",
                            "--sluice.restore-fence",
                            "off")))));
  }

  @Test
  void withoutSettingsTheArgumentsAreAnEmptyList() {
    DeploymentPatch patch = new DeploymentPatch("file:/s", 1, null, NONE, NONE, NONCE);
    assertThat(parsed(patch)).isEqualTo(new ObjectMapper().convertValue(patch.object(), Map.class));
    assertThat(patch.yaml()).contains("args: []").doesNotContain("flinkConfiguration");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "off",
        "y",
        "12:30:00",
        "0x1F",
        "~",
        "",
        " a ",
        "a: \"b\" # 'c' \\ \n- d",
        "\r\n\t\u0000\u0085\u2028\u2029\ufeff",
        "\"\n  args: [\"--evil\"]\n#",
        "é \u00a0 😀",
        "{{ x }} $(id) `id` %s",
      })
  void everyTextComesBackAsItWas(String hostile) {
    DeploymentPatch patch =
        new DeploymentPatch(
            hostile,
            1,
            hostile,
            new TreeMap<>(Map.of("sluice.job.name", hostile)),
            new TreeMap<>(Map.of("a." + hostile, hostile)),
            NONCE);
    assertThat(parsed(patch)).isEqualTo(new ObjectMapper().convertValue(patch.object(), Map.class));
  }

  @Test
  void whatCanNotBeKnownIsSaid() {
    DeploymentPatch bare = new DeploymentPatch("file:/s", 3, null, NONE, NONE, NONCE);
    assertThat(String.join("\n", bare.unknown(Set.of("sluice.kafka.properties.sasl.jaas.config"))))
        .contains(
            "without a savepoint",
            "no receipt names the new job",
            "(3 are needed)",
            "do not hold [sluice.kafka.properties.sasl.jaas.config]; --deployed-settings FILE");
    DeploymentPatch filed = new DeploymentPatch("file:/s", 3, "/etc/s.yaml", NONE, NONE, NONCE);
    assertThat(String.join("\n", filed.unknown(Set.of())))
        .contains("/etc/s.yaml there must hold the properties of Kafka's clients");
  }

  private static Object parsed(DeploymentPatch patch) {
    return new Load(LoadSettings.builder().build()).loadFromString(patch.yaml());
  }
}

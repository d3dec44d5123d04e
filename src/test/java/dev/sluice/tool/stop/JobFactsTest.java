package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From what a run began, as far as Flink reports it, and which settings it runs with. */
class JobFactsTest {

  @TempDir Path folder;

  @Test
  void aRunWithoutARestoreBeganWithNothing() throws Exception {
    assertThat(restored("")).isEmpty();
  }

  @Test
  void aSavepointThatItWasStartedFromIsTold() throws Exception {
    assertThat(restored("file:/s/savepoint-1")).isEqualTo("file:/s/savepoint-1");
  }

  /** After a failure Flink reports the checkpoint that the tasks continued from. */
  @Test
  void ofARunThatHasGoneOnFromItsOwnCheckpointItIsNotKnown() throws Exception {
    assertThat(restored("file:/c/%s/chk-6".formatted(StopWorld.ID))).isNull();
  }

  /** A file of another job, or of the next start, does not change what is proved of this one. */
  @Test
  void ofSettingsThatAreGivenOnlySecretsAndPlacesCount() {
    JobFacts shadow =
        new JobFacts(
            StopWorld.ID,
            "shadow",
            "2.2.1",
            "1",
            2,
            new TreeMap<>(
                Map.of(
                    "sluice.sink.transactional-id-prefix", "shadow",
                    "sluice.topics.predictions", "shadow.predictions",
                    "sluice.kafka.bootstrap-servers", "inside:9092")),
            new TreeMap<>(),
            null,
            "");
    Map<String, String> prod =
        Map.of(
            "sluice.sink.transactional-id-prefix", "prod",
            "sluice.sink.delivery-guarantee", "at-least-once",
            "sluice.topics.predictions", "prod.predictions",
            "sluice.topics.evaluations", "prod.evaluations",
            "sluice.kafka.bootstrap-servers", "outside:9092",
            "sluice.kafka.properties.sasl.mechanism", "PLAIN");
    JobSettings settings = shadow.jobSettings(prod);
    assertThat(settings.sink().transactionalIdPrefix()).isEqualTo("shadow");
    assertThat(settings.sink().guarantee()).isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
    assertThat(settings.topics().outputs().values())
        .contains("shadow.predictions", "sluice.evaluations")
        .noneMatch(topic -> topic.startsWith("prod."));
    assertThat(settings.kafka().bootstrapServers()).isEqualTo("outside:9092");
    assertThat(settings.kafka().properties()).containsEntry("sasl.mechanism", "PLAIN");
    assertThat(shadow.differences(prod))
        .contains(
            "sluice.topics.predictions is (shadow.predictions), not (prod.predictions)",
            "sluice.topics.evaluations is (sluice.evaluations), not (prod.evaluations)",
            "sluice.sink.delivery-guarantee is (exactly-once), not (at-least-once)")
        .doesNotContain("outside", "PLAIN");
  }

  @Test
  void aSettingThatThereIsNotIsRefused() {
    JobFacts job =
        new JobFacts(
            StopWorld.ID, "a", "2.2.1", "1", 2, new TreeMap<>(), new TreeMap<>(), null, "");
    assertThatThrownBy(() -> job.jobSettings(Map.of("sluice.kafka.propertis.a", "b")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("unknown setting sluice.kafka.propertis.a");
  }

  private @Nullable String restored(String path) throws Exception {
    try (StopWorld world = StopWorld.in(folder)) {
      if (!path.isEmpty()) {
        world.flink.tell(
            StopWorld.JOB + "/checkpoints",
            "{\"latest\":{\"restored\":{\"id\":5,\"external_path\":\"%s\"}},\"history\":[]}"
                .formatted(path));
      }
      return JobFacts.of(
              new JobManager(world.flink.addresses(), Duration.ofSeconds(5)),
              new JobOverview(StopWorld.ID, "flights", "RUNNING", StopWorld.STARTED))
          .restored();
    }
  }
}

package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code flinkConfiguration} takes the place of {@code config.yaml}, whose reasons hold here too.
 */
class KubernetesFlinkConfigurationTest {

  private static final String OF_THE_OPERATOR = "kubernetes.operator.";

  /** The operator sets these itself: addresses, and what the resources of pods come to. */
  private static final List<String> LEFT_TO_THE_OPERATOR =
      List.of(
          "blob.server.port",
          "io.tmp.dirs",
          "jobmanager.bind-host",
          "jobmanager.memory.process.size",
          "jobmanager.rpc.address",
          "jobmanager.rpc.port",
          "parallelism.default",
          "rest.address",
          "rest.bind-address",
          "rest.port",
          "taskmanager.bind-host",
          "taskmanager.host",
          "taskmanager.memory.process.size");

  @ParameterizedTest
  @ValueSource(strings = {Kustomized.BASE, Kustomized.DEVELOPMENT, Kustomized.PRODUCTION})
  void theTrapsOfTheOperatorAreDisarmed(String directory) {
    Map<String, String> read = configuration(directory);
    read.keySet().removeIf(key -> !key.startsWith(OF_THE_OPERATOR));
    assertThat(read)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "kubernetes.operator.deployment.rollback.enabled", "false",
                "kubernetes.operator.job.drain-on-savepoint-deletion", "false",
                "kubernetes.operator.job.savepoint-on-deletion", "true",
                "kubernetes.operator.job.upgrade.last-state-fallback.enabled", "false",
                "kubernetes.operator.savepoint.cleanup.enabled", "false",
                "kubernetes.operator.savepoint.dispose-on-delete", "false",
                "kubernetes.operator.savepoint.format.type", "CANONICAL",
                "kubernetes.operator.snapshot.resource.enabled", "true"));
  }

  @ParameterizedTest
  @ValueSource(strings = {Kustomized.BASE, Kustomized.DEVELOPMENT, Kustomized.PRODUCTION})
  void theJobIsUpgradedWithASavepointAndLosesNoState(String directory) {
    JsonNode job = Kustomized.of(directory).flink().at("/spec/job");
    assertThat(job.path("upgradeMode").asText()).isEqualTo("savepoint");
    assertThat(job.path("allowNonRestoredState").asText()).isEqualTo("false");
  }

  @Test
  void theOperatorsSavepointIsNotDeletedWithItsResource() throws IOException {
    Manifest snapshot =
        Manifest.parse(Files.readString(Path.of("deploy/kubernetes/savepoint.yaml"))).get(0);
    assertThat(snapshot.at("/spec/savepoint/disposeOnDelete").asText()).isEqualTo("false");
    assertThat(snapshot.at("/spec/jobReference/name").asText())
        .isEqualTo(Kustomized.of(Kustomized.BASE).flink().name());
  }

  @ParameterizedTest
  @ValueSource(strings = {Kustomized.BASE, Kustomized.DEVELOPMENT, Kustomized.PRODUCTION})
  void everyKeyAndValueIsOneOfFlinks(String directory) {
    assertThat(faults(configuration(directory))).isEmpty();
  }

  @Test
  void soIsEveryOneOfTheClusterConfiguration() throws IOException {
    assertThat(faults(clusterConfiguration())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "execution.checkpointing.intervall, 10 s",
    "execution.checkpointing.interval, soon",
    "execution.checkpointing.externalized-checkpoint-retention, RETAIN",
    "execution.checkpointing.num-retained, three",
    "state.savepoints.dir, file:///savepoints",
    "metrics.reporter.prom.prot, 9249",
  })
  void aKeyOrValueThatFlinkDoesNotKnowIsFound(String key, String value) {
    assertThat(FlinkKeys.fault(key, value)).contains(key);
  }

  @Test
  void itSaysWhatTheClusterConfigurationSays() throws IOException {
    Map<String, String> cluster = clusterConfiguration();
    Map<String, String> ours = configuration(Kustomized.BASE);
    ours.keySet().removeIf(key -> key.startsWith(OF_THE_OPERATOR));
    assertThat(without(cluster, ours.keySet()).keySet())
        .containsExactlyInAnyOrderElementsOf(LEFT_TO_THE_OPERATOR);
    assertThat(without(ours, cluster.keySet()).keySet())
        .containsExactlyInAnyOrder(
            "high-availability.storageDir",
            "high-availability.type",
            "job-result-store.delete-on-commit",
            "kubernetes.taskmanager.service-account");
    cluster.keySet().retainAll(ours.keySet());
    assertThat(changed(cluster, ours))
        .as("one TaskManager a pod")
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("metrics.reporter.prom.port", "9249", "taskmanager.numberOfTaskSlots", "2"));
  }

  @Test
  void anOverlayChangesWhatItIsFor() {
    assertThat(changed(Kustomized.DEVELOPMENT))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "execution.checkpointing.interval", "2 s",
                "execution.checkpointing.min-pause", "500 ms"));
    assertThat(changed(Kustomized.PRODUCTION))
        .containsExactlyInAnyOrderEntriesOf(Map.of("taskmanager.numberOfTaskSlots", "4"));
  }

  private static Map<String, String> without(Map<String, String> all, Set<String> keys) {
    Map<String, String> rest = new TreeMap<>(all);
    rest.keySet().removeAll(keys);
    return rest;
  }

  private static Map<String, String> changed(String overlay) {
    Map<String, String> base = configuration(Kustomized.BASE);
    Map<String, String> overlaid = configuration(overlay);
    assertThat(overlaid.keySet()).isEqualTo(base.keySet());
    return changed(base, overlaid);
  }

  private static Map<String, String> changed(Map<String, String> from, Map<String, String> to) {
    Map<String, String> changed = new TreeMap<>(to);
    changed.entrySet().removeAll(from.entrySet());
    return without(changed, without(to, from.keySet()).keySet());
  }

  private static List<String> faults(Map<String, String> configuration) {
    return configuration.entrySet().stream()
        .filter(each -> !each.getKey().startsWith(OF_THE_OPERATOR))
        .map(each -> FlinkKeys.fault(each.getKey(), each.getValue()))
        .filter(fault -> !fault.isEmpty())
        .toList();
  }

  private static Map<String, String> configuration(String directory) {
    return Manifest.texts(Kustomized.of(directory).flink().at("/spec/flinkConfiguration"));
  }

  private static Map<String, String> clusterConfiguration() throws IOException {
    String yaml = Files.readString(Path.of("flink-conf/config.yaml"));
    return Manifest.texts(Manifest.parse(yaml).get(0).json());
  }
}

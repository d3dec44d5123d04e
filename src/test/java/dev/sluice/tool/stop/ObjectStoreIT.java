package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.ObjectStore;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.TrafficRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints, savepoints and receipts in an object store that fails now and then. */
@Tag("operations")
class ObjectStoreIT {

  private static final String NAME = "in-a-store";

  /** Of the requests that job and tool make, every fourth fails. */
  private static final int FAIL_ONE_OF = 4;

  private static final String STORE = "s3://" + ObjectStore.BUCKET + "/";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void aJobIsStoppedResumedAndRolledBackInAFlakyStore() throws Exception {
    try (ObjectStore store = ObjectStore.start(folder, FAIL_ONE_OF);
        LocalCluster cluster =
            LocalCluster.startEmpty(
                Path.of("target", "it-object-store").toAbsolutePath(),
                LocalCluster.firstTestOffset() + 300,
                2,
                4,
                environment(store))) {
      String broker = cluster.bootstrapServers();
      JobSpec spec =
          JobSpec.small(NAME, JobTopics.named(NAME).create(broker, 2))
              .set("sluice.sink.transaction-timeout", "10 min");
      try (TrafficRun traffic = TrafficRun.into(spec, broker, 71, 200)) {
        JobUnderTest job = new JobUnderTest(cluster, spec);
        job.run(2);
        job.awaitCheckpoints(2);
        assertRefusedWithoutThePlugin(cluster);
        assertRefusedInAMissingBucket(cluster);

        String first = stop(cluster);
        String savepoint = uri(first);
        assertThat(savepoint).startsWith(STORE + "savepoints/savepoint-");
        assertVerified(cluster, savepoint);
        assertThat(json(cluster, "inspect", savepoint).path("models").path("keys").asInt(-1))
            .isPositive();
        json(cluster, "resume", first, "--parallelism", "3");

        String second = stop(cluster);
        JsonNode back = json(cluster, "rollback", "--model-only", first, "--onto", second);
        assertThat(back.path("snapshot").asText()).startsWith(STORE);

        String third = stop(cluster);
        json(cluster, "rollback", "--accept-replay", second);
        assertThat(Files.exists(Path.of(third))).isTrue();

        traffic.stop();
        JobUnderTest.running(cluster, spec, running(cluster)).awaitNoLagReported();
        assertClean(cluster, store, spec, uri(stop(cluster)));
      }
      assertThat(store.failed()).as("of %s requests", store.requests()).isGreaterThan(50);
      System.out.println(
          "ObjectStoreIT: %s of %s requests failed".formatted(store.failed(), store.requests()));
    }
  }

  /** Without the plugin nothing can be proved there, so nothing is stopped. */
  private static void assertRefusedWithoutThePlugin(LocalCluster cluster) {
    CommandResult refused =
        cluster.script("sluice", Map.of("FLINK_PLUGINS_DIR", "/nonexistent"), "stop", NAME);
    assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
    assertThat(refused.stdout() + refused.stderr())
        .contains("which this tool can't read", "FLINK_PLUGINS_DIR");
  }

  private static void assertRefusedInAMissingBucket(LocalCluster cluster) {
    CommandResult refused =
        cluster.sluice("stop", NAME, "--grace", "20s", "--savepointPath", "s3://no-such-bucket/s");
    assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
    assertThat(refused.stdout() + refused.stderr()).contains("s3://no-such-bucket/s");
  }

  /** The receipt's file. */
  private static String stop(LocalCluster cluster) {
    JsonNode reported = json(cluster, "stop", NAME);
    assertThat(reported.path("receipt").path("outcome").asText()).isEqualTo("proved");
    return reported.path("receiptFile").asText();
  }

  private static void assertVerified(LocalCluster cluster, String savepoint) {
    CommandResult verified = cluster.sluice("verify", savepoint);
    assertThat(verified.exitCode()).as(verified.toString()).isZero();
    assertThat(verified.stderr()).as("what a library says").doesNotContain("\tat ", "Exception");
  }

  private static JsonNode json(LocalCluster cluster, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-o", "json"));
    return cluster.sluice(all.toArray(new String[0])).requireSuccess().json();
  }

  private static String uri(String receipt) throws Exception {
    return JSON.readTree(Path.of(receipt).toFile()).path("snapshot").path("uri").asText();
  }

  private static String running(LocalCluster cluster) {
    return json(cluster, "status", NAME).path("id").asText();
  }

  /** By another reader, from copies of the objects. */
  private void assertClean(LocalCluster cluster, ObjectStore store, JobSpec spec, String savepoint)
      throws Exception {
    Path objects = Files.createDirectory(folder.resolve("copy"));
    store.download(savepoint.substring(STORE.length()) + "/", objects);
    String copy = objects.toUri().toString();
    SavedKeys keys = SavepointModels.keys(copy);
    new Ledger(cluster.bootstrapServers(), spec.topics(), spec.name())
        .below(SavepointModels.offsets(copy))
        .holding(keys.held())
        .read()
        .assertClean();
  }

  private static Map<String, String> environment(ObjectStore store) throws Exception {
    List<String> flink = new ArrayList<>(store.flinkSettings());
    flink.add("execution.checkpointing.dir: " + STORE + "checkpoints");
    flink.add("execution.checkpointing.savepoint-dir: " + STORE + "savepoints");
    return Map.of(
        "SLUICE_FLINK_PROPERTIES",
        String.join("\n", flink),
        "FLINK_PLUGINS_DIR",
        ObjectStore.plugins().toString());
  }
}

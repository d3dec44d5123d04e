package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.event.Features;
import dev.sluice.event.Target;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of a real job, compared with Flink's State Processor API. */
class SnapshotIT {

  private static final String NAME = "snapshot";

  @TempDir Path folder;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @Test
  void aSavepointAndACheckpointReadAsTheStateProcessorReadsThem() throws Exception {
    JobSpec spec = spec(JobTopics.named(NAME).create(broker, 2));
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    String checkpoint;
    String savepoint;
    try (TrafficRun traffic =
        TrafficRun.start(
            broker,
            new SeededTraffic(3, 12, TargetKind.LABELS),
            spec.topics().events(),
            Long.MAX_VALUE,
            100)) {
      job.run(2);
      job.awaitCheckpoints(2);
      checkpoint = job.lastCheckpoint();
      readsAsACheckpoint(Snapshot.open(checkpoint));
      theToolsJarShowsTheNewestCheckpoint();
      assertThat(traffic.isRunning()).as("load at the stop").isTrue();
      savepoint = job.stop();
    }
    Snapshot snapshot = Snapshot.open(savepoint);
    sameAsTheStateProcessor(snapshot, savepoint);
    assertThat(snapshot.kind()).isEqualTo(Kind.STOPPED);
    assertThat(snapshot.committables())
        .isNotEmpty()
        .allSatisfy(pending -> assertThat(pending.transactionalId()).startsWith(NAME + "-"));
    assertThat(SnapshotFiles.check(snapshot).problems()).isEmpty();
    theToolsJarShowsIt(snapshot, savepoint);
    GoldenSavepoint.writeIfAsked(snapshot);
  }

  private static void readsAsACheckpoint(Snapshot snapshot) throws Exception {
    assertThat(snapshot.kind()).isEqualTo(Kind.CHECKPOINT);
    assertThat(snapshot.canonical()).isFalse();
    assertThat(offsets(snapshot)).isEqualTo(SavepointModels.offsets(snapshot.uri()));
    assertThat(snapshot.champion()).isPresent();
    assertThat(snapshot.files()).hasSizeGreaterThan(1);
  }

  private static void sameAsTheStateProcessor(Snapshot snapshot, String savepoint)
      throws Exception {
    assertThat(offsets(snapshot)).isEqualTo(SavepointModels.offsets(savepoint));
    SavedKeys known = SavepointModels.keys(savepoint);
    TreeSet<String> keys = new TreeSet<>();
    snapshot.models().eachKey(key -> keys.add(key.key()));
    assertThat(keys).isEqualTo(new TreeSet<>(known.states().keySet())).hasSizeGreaterThan(5);
    ModelCheck check = snapshot.models().check();
    assertThat(check.problems()).isEmpty();
    OriginSet held = new OriginSet();
    known.held().forEach(p -> held.addRange(p.topic(), p.partition(), p.offset(), p.offset()));
    assertThat(check.held().ranges(1_000)).isEqualTo(held.ranges(1_000));
  }

  private void theToolsJarShowsIt(Snapshot snapshot, String savepoint) throws Exception {
    JsonNode shown = cluster.sluice("inspect", savepoint, "-o", "json").requireSuccess().json();
    assertThat(shown.path("kind").asText()).isEqualTo("stopped");
    assertThat(shown.path("models").path("keys").asLong())
        .isEqualTo(snapshot.models().check().totals().keys());
    assertThat(shown.path("champion").path("version").asInt()).isOne();
    assertThat(shown.path("transactions")).hasSize(snapshot.committables().size());
  }

  /** Of RocksDB, and the job that replaces it runs on. */
  private void theToolsJarShowsTheNewestCheckpoint() throws Exception {
    JsonNode shown =
        cluster
            .sluice("inspect", "--checkpoint", NAME, "--keys", "-o", "json")
            .requireSuccess()
            .json();
    assertThat(shown.path("keys")).isNotEmpty();
    String key = shown.at("/keys/0/key").asText();
    JsonNode one =
        cluster
            .sluice("inspect", "--checkpoint", NAME, "--key", key, "-o", "json")
            .requireSuccess()
            .json();
    assertThat(one.path("predictions").asLong()).isPositive();
    assertThat(one.at("/paused/learning").asText()).isEqualTo("none");
  }

  private static Map<TopicPartition, Long> offsets(Snapshot snapshot) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Map.Entry<Partition, Long> entry : new TreeMap<>(snapshot.sourceOffsets()).entrySet()) {
      Partition partition = entry.getKey();
      offsets.put(new TopicPartition(partition.topic(), partition.partition()), entry.getValue());
    }
    return offsets;
  }

  private JobSpec spec(JobTopics topics) throws Exception {
    Path champion = folder.resolve("champion.tribuo");
    Files.write(champion, champion());
    return JobSpec.named(NAME, topics)
        .flink("state.backend.type", "rocksdb")
        .flink("execution.checkpointing.data-inline-threshold", "1kb")
        .set("sluice.features.width", "16")
        .set("sluice.champion.uri", champion.toUri().toString());
  }

  private static byte[] champion() {
    ModelSettings settings =
        new ModelSettings(
            Objective.LOG,
            1,
            Optimiser.ADAGRAD,
            ModelSettings.Rates.defaults(),
            List.of("ontime", "late"),
            16,
            ModelSettings.Serving.defaults());
    Features known =
        new Features(new String[] {"x"}, new @Nullable String[] {null}, new double[] {1});
    return ChampionTrainer.toBytes(
        ChampionTrainer.train(
            List.of(
                new ChampionTrainer.Example(known, new Target.Label("late")),
                new ChampionTrainer.Example(known, new Target.Label("ontime"))),
            settings,
            new ChampionTrainer.Parameters(0.05, 5, 1, 1.0)));
  }
}

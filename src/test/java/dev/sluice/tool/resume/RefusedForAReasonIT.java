package dev.sluice.tool.resume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Reason;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/**
 * What would happen in the resumes that the tool refuses: Flink alone, with the fence off, does
 * each of them. {@link ResumeRefusalsIT} and {@code StopExitCodesIT} have the refusals.
 */
class RefusedForAReasonIT {

  private static final int PARTITIONS = 2;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @Test
  void anIncompleteSavepointNeverRunsAndASecondCopyDoubles() throws Exception {
    JobSpec spec = spec("damaged");
    ScheduledExecutorService platform = Executors.newSingleThreadScheduledExecutor();
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 91, 50)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(2);
      String saved = job.stop();
      assertNeverRuns(spec, damaged(saved, "missing", file -> Files.delete(file)));
      assertNeverRuns(spec, damaged(saved, "cut", RefusedForAReasonIT::cut));

      // Flink may end a TaskManager over a writer that can't be closed: its transaction is fenced.
      Future<?> care =
          platform.scheduleWithFixedDelay(cluster::startDeadTaskManagers, 1, 1, TimeUnit.SECONDS);
      JobSpec patient = spec.flink("restart-strategy.fixed-delay.attempts", "100");
      JobUnderTest one = JobUnderTest.inProcess(cluster, patient);
      one.resume(2, saved);
      JobUnderTest copy = JobUnderTest.inProcess(cluster, patient);
      copy.submitFrom(2, saved);
      Eventually.until(
          "one ends the other's transactions",
          LIMIT,
          () -> one.failures() > 0 || copy.failures() > 0);
      one.cancel();
      copy.awaitCheckpoints(1);
      assertThat(care).as("TaskManagers are brought back").isNotDone();
      traffic.stop();
      assertDamage(audited(stopped(copy)), "answers to inputs that are answered already");
    } finally {
      platform.shutdown();
      assertThat(platform.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      cluster.startDeadTaskManagers();
    }
  }

  @Test
  void aDrainedSavepointForgetsWhatWaitsAndDeletedInputsAreSkipped() throws Exception {
    JobSpec spec = spec("drained").set("sluice.outcome.timeout", "5 s");
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 92, 50)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(2);
      assertThat(givenUp(spec)).as("every outcome's observation comes").isZero();
      CommandResult drained =
          cluster.sluice("stop", job.id(), "--drain", "--final", "-o", "json").requireSuccess();
      int atTheDrain = givenUp(spec);
      assertThat(atTheDrain).as("outcomes that waited for their observations").isPositive();

      job.resume(2, drained.json().path("receipt").path("snapshot").path("uri").asText());
      Eventually.until(
          "outcomes of observations that were predicted before the drain are given up",
          LIMIT,
          () -> givenUp(spec) > atTheDrain);

      String stopped = job.stop();
      long sent = traffic.sent();
      Eventually.until("inputs that no job answers", LIMIT, () -> traffic.sent() > sent + 200);
      deleteAll(spec.topics().events(), PARTITIONS);
      assertThat(JobUnderTest.inProcess(cluster, spec).refused(2, "-s", stopped))
          .contains("out of range", spec.topics().events());

      JobUnderTest bare =
          JobUnderTest.inProcess(cluster, spec.set("sluice.source.skip-deleted-inputs", "true"));
      bare.resume(2, stopped);
      bare.awaitCheckpoints(2);
      assertThat(bare.failures()).as("what Flink does by default").isZero();
      traffic.stop();
      CommandResult end = stopped(bare);
      assertDamage(audited(end), "inputs were deleted before they were answered");
      deletedCommandsAreNotSkippedEither(
          spec, end.json().path("receipt").path("snapshot").path("uri").asText());
    }
  }

  private void deletedCommandsAreNotSkippedEither(JobSpec spec, String saved) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      byte[] pause = "{\"id\":\"p\",\"command\":\"pause\",\"part\":\"all\"}".getBytes(UTF_8);
      producer.send(new ProducerRecord<>(spec.topics().control(), pause)).get();
    }
    deleteAll(spec.topics().control(), 1);
    assertThat(JobUnderTest.inProcess(cluster, spec).refused(2, "-s", saved))
        .contains("out of range", spec.topics().control());
  }

  private void assertNeverRuns(JobSpec spec, String savepoint) throws Exception {
    JobUnderTest bare = JobUnderTest.inProcess(cluster, spec);
    bare.refused(2, "-s", savepoint);
    assertThat(bare.failures()).as("every restart fails again").isEqualTo(3);
  }

  private static void assertDamage(CommandResult audit, String what) {
    assertThat(audit.exitCode()).as(audit.toString()).isEqualTo(5);
    assertThat(audit.stdout()).contains(what);
  }

  private CommandResult stopped(JobUnderTest job) {
    return cluster.sluice("stop", job.id(), "-o", "json");
  }

  private CommandResult audited(CommandResult stopped) {
    return cluster.sluice("audit", "--receipt", stopped.json().path("receiptFile").asText());
  }

  private int givenUp(JobSpec spec) {
    return (int)
        Answers.reasons(broker, spec.topics().deadLetters()).values().stream()
            .filter(Reason.OUTCOME_WITHOUT_OBSERVATION.code()::equals)
            .count();
  }

  /** Breaks a file. */
  @FunctionalInterface
  private interface Damage {
    void to(Path file) throws IOException;
  }

  private static void cut(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  /** A copy of a savepoint whose largest file of state is broken. */
  private static String damaged(String savepoint, String name, Damage damage) throws IOException {
    Path whole = Path.of(URI.create(savepoint));
    Path copy = Files.createDirectory(whole.resolveSibling(whole.getFileName() + "-" + name));
    try (Stream<Path> files = Files.list(whole)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    try (Stream<Path> files = Files.list(copy)) {
      damage.to(
          files
              .filter(file -> !file.endsWith("_metadata"))
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow());
    }
    return copy.toUri().toString();
  }

  /** Deletes every record, as retention does. */
  private void deleteAll(String topic, int partitions) throws Exception {
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    for (int p = 0; p < partitions; p++) {
      all.put(new TopicPartition(topic, p), RecordsToDelete.beforeOffset(-1));
    }
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker))) {
      admin.deleteRecords(all).all().get();
    }
  }

  private JobSpec spec(String name) throws Exception {
    return JobSpec.small(name, JobTopics.named(name).create(broker, PARTITIONS))
        .flink("restart-strategy.type", "fixed-delay")
        .flink("restart-strategy.fixed-delay.attempts", "2")
        .flink("restart-strategy.fixed-delay.delay", "500 ms")
        .set("sluice.restore-fence", "off")
        .set("sluice.sink.transaction-timeout", "10 min");
  }
}

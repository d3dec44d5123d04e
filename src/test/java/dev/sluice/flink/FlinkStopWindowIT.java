package dev.sluice.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.LeadingJobManager;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that stop-with-savepoint is not exactly-once when the JobManager dies at the wrong moment.
 *
 * <p><b>Versions</b>: Flink 2.2.1 and 2.3.0, flink-connector-kafka 5.0.0-2.2, kafka-clients 4.2.1,
 * a Kafka 4.2.1 broker, high availability by ZooKeeper, both schedulers' common checkpoint
 * coordinator.
 *
 * <p><b>Sequence</b>
 *
 * <ol>
 *   <li>A job KafkaSource → keyed function → KafkaSink (EXACTLY_ONCE) runs; checkpoint <i>n</i>
 *       completes; more records flow.
 *   <li>{@code POST /jobs/:id/stop} (no drain). The savepoint completes: its {@code _metadata} is
 *       written, the tasks get {@code notifyCheckpointComplete}, the sink commits its transaction.
 *   <li>The JobManager dies before every task has reported FINISHED. Here the tasks take 10 s to
 *       close, to hit the moment for certain; any {@code close()} leaves such a moment.
 *   <li>Another JobManager comes to lead and recovers the job.
 * </ol>
 *
 * <p><b>Expected</b>: what the savepoint committed counts. The job either ends, as requested, or
 * continues from the savepoint. Each record is in the output once.
 *
 * <p><b>Actual</b>: the job, which was asked to stop, runs again, from checkpoint <i>n</i>. All
 * that was read between checkpoint <i>n</i> and the savepoint is committed to the output twice.
 *
 * <p><b>Why</b>: {@code CheckpointCoordinator.completePendingCheckpoint} adds no savepoint to the
 * CompletedCheckpointStore, the only thing that a new JobManager recovers from, while {@code
 * cleanupAfterCompletedCheckpoint} does notify the tasks if the savepoint is a synchronous one
 * ({@code !props.isSavepoint() || props.isSynchronous()}). FLINK-25191 (1.15) stopped storing
 * savepoints, and stopped notifying for the plain ones for this very reason; FLINK-10354 (1.7) had
 * started to store them because of these duplicates. For tasks that fail in the same moment the
 * hole was closed by FLINK-26783 and FLINK-26923: the job fails for good, with a
 * StopWithSavepointStoppingException that names the savepoint. The death of the JobManager, where
 * no process throws that exception, was left out.
 *
 * <p><b>Ways to close it</b>: write down in the high-availability store, between finalising the
 * savepoint and the first notification, that the job is stopping with this savepoint (its path); a
 * JobManager that recovers such a job does not run it but ends it as FLINK-26783 does, naming the
 * path. Or: put synchronous savepoints into the CompletedCheckpointStore, as before 1.15, and keep
 * their files while they are the newest.
 *
 * <p>A Flink in which this test fails for want of duplicates has closed it.
 */
@Tag("operations")
final class FlinkStopWindowIT {
  private static final int OFFSET = LocalCluster.firstTestOffset() + 600;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");

  @Test
  void recordsAreCommittedTwiceIfTheJobManagerDiesInAStop(@TempDir Path directory)
      throws Exception {
    try (LocalCluster cluster = LocalCluster.startHa(directory.resolve("cluster"), OFFSET, 1, 1);
        OutputTopic output = new OutputTopic(cluster.bootstrapServers(), "output")) {
      Topics.create(cluster, Map.of("input", 1, "output", 1));
      String job = submit(cluster, directory);
      FlinkRest rest = cluster.flinkRest();
      rest.awaitRunning(job);
      LeadingJobManager leader = cluster.leader();

      int sent;
      try (Numbers numbers = Numbers.start(cluster.bootstrapServers(), "input")) {
        rest.awaitCheckpoints(job, 1);
        // What is read from now on is in no checkpoint, but in the savepoint: REST reports a
        // checkpoint up to 3 s late, and the next one is 8 s after it.
        LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
        stopAndKillAfterTheCommit(rest, job, directory.resolve("savepoint"), output, leader);
        cluster.awaitTakeover(leader, job);
        rest.awaitRunning(job);
        sent = numbers.stop();
      }

      assertRestoredFromCheckpoint(rest.get("/jobs/" + job + "/checkpoints"));
      OutputTopic.Committed committed = output.read(sent);
      System.out.printf(
          "%,d records sent, %,d committed: %,d of them twice%n",
          sent, committed.records(), committed.duplicates());
      assertThat(sent - committed.distinct()).as("gaps").isZero();
      assertThat(committed.duplicates()).as("duplicates").isPositive();
    }
  }

  private static String submit(LocalCluster cluster, Path directory) throws IOException {
    Path jar =
        JobJar.write(
            directory.resolve("stop-window.jar"),
            StopWindowJob.class,
            List.of(KafkaSink.class, DeliveryGuarantee.class, KafkaProducer.class));
    String said =
        cluster
            .flink(
                "run",
                "-d",
                "-p",
                "1",
                "-Dexecution.checkpointing.interval=8 s",
                "-Dexecution.checkpointing.min-pause=1 s",
                jar.toString(),
                cluster.bootstrapServers(),
                "input",
                "output",
                "stop-window")
            .requireSuccess()
            .stdout();
    Matcher id = JOB_ID.matcher(said);
    assertThat(id.find()).as(said).isTrue();
    return id.group(1);
  }

  private static void stopAndKillAfterTheCommit(
      FlinkRest rest, String job, Path savepoints, OutputTopic output, LeadingJobManager leader)
      throws IOException, InterruptedException {
    rest.post(
        "/jobs/" + job + "/stop", Map.of("targetDirectory", savepoints.toUri(), "drain", false));
    // Once the savepoint is written nothing more goes into the output: all of it is committed when
    // the savepoint's own transaction is.
    Eventually.until(
        "the savepoint is written and its transaction committed",
        LIMIT,
        () -> isWritten(savepoints) && output.isCommittedToItsEnd());
    leader.kill();
  }

  private static boolean isWritten(Path savepoints) throws IOException {
    try (Stream<Path> files = Files.walk(savepoints)) {
      return files.anyMatch(file -> file.endsWith("_metadata"));
    }
  }

  private static void assertRestoredFromCheckpoint(JsonNode checkpoints) {
    assertThat(checkpoints.path("counts").path("restored").asInt()).isEqualTo(1);
    JsonNode restored = checkpoints.path("latest").path("restored");
    assertThat(restored.path("is_savepoint").asBoolean()).as("" + restored).isFalse();
    assertThat(restored.path("external_path").asText()).contains("/chk-");
  }
}

package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.Freezer;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.ledger.Anomaly;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.Brokers.OpenTransaction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A TaskManager is frozen during a checkpoint, which times out and is tolerated; by the time the
 * next one completes, the other TaskManager's transaction has expired. All answers are one key's,
 * so only one subtask has a transaction, and writes nothing to it that would fail.
 */
class OutlivedTransactionIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path DIRECTORY =
      Path.of(System.getProperty("basedir", ""), "target", "it-outlived").toAbsolutePath();
  private static final int BURST = 40;

  /** Less than the transaction timeout, of which the burst may have taken some. */
  private static final Duration BEFORE_ITS_TIMEOUT = Duration.ofSeconds(15);

  private static LocalCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.startEmpty(
            DIRECTORY,
            LocalCluster.firstTestOffset() + 600,
            2,
            1,
            List.of("transaction.abort.timed.out.transaction.cleanup.interval.ms=500"));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aTransactionThatIsAboutToExpireIsReplayed() throws Exception {
    JobSpec spec = spec("outlived");
    JobUnderTest job = outlive(spec, false);

    assertThat(job.failures()).as("failures").isPositive();
    assertThat(cluster.flinkRest().get("/jobs/" + job.id() + "/exceptions").toString())
        .contains("would outlive a transaction that it counts on");
    assertThat(verdict(spec).anomalies()).isEmpty();
  }

  /** Negative control: what Flink alone does. */
  @Test
  @Tag("operations")
  void withoutTheFenceItsAnswersAreLostSilently() throws Exception {
    JobSpec spec = spec("outlived-off").set("sluice.restore-fence", "off");
    outlive(spec, true);

    assertThat(verdict(spec).anomalies()).containsOnlyKeys(Anomaly.GAP);
  }

  private static Verdict verdict(JobSpec spec) throws Exception {
    return new Ledger(cluster.bootstrapServers(), spec.topics(), spec.name()).read();
  }

  /**
   * @param withoutAFailure whether it counts only if no task fails: one that waits for an answer of
   *     the JobManager while its TaskManager is frozen may, and then the burst is replayed
   */
  private static JobUnderTest outlive(JobSpec spec, boolean withoutAFailure) throws Exception {
    JobUnderTest job = JobUnderTest.unchecked(cluster, spec);
    job.run(2);
    try (Brokers brokers = new Brokers(cluster.kafkaClient(), Duration.ofSeconds(10))) {
      SeededTraffic oneKey = new SeededTraffic(61, 1, TargetKind.LABELS);
      boolean outlived = false;
      for (int burst = 0; !outlived; burst++) {
        assertThat(burst).as("bursts that a checkpoint committed at once").isLessThan(40);
        int failures = job.failures();
        outlived = freezeDuringACheckpoint(job, spec, brokers, oneKey);
        if (outlived && withoutAFailure) {
          job.awaitCheckpoints(2);
          outlived = job.failures() == failures;
        }
      }
    }
    job.awaitCheckpoints(2);
    job.awaitNoLag();
    job.stop();
    return job;
  }

  /** Whether the answers of a burst were still uncommitted when the other TaskManager froze. */
  private static boolean freezeDuringACheckpoint(
      JobUnderTest job, JobSpec spec, Brokers brokers, SeededTraffic oneKey) throws Exception {
    job.awaitCheckpoints(1);
    burst(spec, brokers, oneKey);
    List<OpenTransaction> open = open(brokers, spec);
    if (open.isEmpty()) {
      return false;
    }
    String id = open.get(0).transactionalId();
    int subtask = Integer.parseInt(id.substring(spec.name().length() + 1).split("-", -1)[0]);
    int other = 3 - job.taskManagerOf(subtask);
    try (Freezer taskManager = cluster.freezer("taskmanager-" + other)) {
      taskManager.freeze();
      long frozen = System.nanoTime();
      try {
        awaitAnswered(brokers, spec);
        if (open(brokers, spec).isEmpty()) {
          return false;
        }
        Eventually.until("the end of " + id, LIMIT, () -> open(brokers, spec).isEmpty());
        // Sooner, and it was committed: the checkpoint was complete before the freeze.
        return Duration.ofNanos(System.nanoTime() - frozen).compareTo(BEFORE_ITS_TIMEOUT) > 0;
      } finally {
        taskManager.thaw();
      }
    }
  }

  private static List<OpenTransaction> open(Brokers brokers, JobSpec spec) throws Exception {
    return brokers.open(spec.name());
  }

  private static void burst(JobSpec spec, Brokers brokers, SeededTraffic oneKey) throws Exception {
    try (TrafficRun traffic =
        TrafficRun.start(
            cluster.bootstrapServers(), oneKey, spec.topics().events(), BURST, 10_000)) {
      traffic.await();
    }
    awaitAnswered(brokers, spec);
  }

  /** Nothing is written any more. */
  private static void awaitAnswered(Brokers brokers, JobSpec spec) {
    Eventually.unchanged(
        "the output of " + spec.name(),
        LIMIT,
        Duration.ofMillis(150),
        () -> brokers.ends(spec.topics().outputs()).values().stream().mapToLong(end -> end).sum());
  }

  private static JobSpec spec(String name) throws Exception {
    return JobSpec.small(name, JobTopics.named(name).create(cluster.bootstrapServers(), 4))
        .flink("execution.checkpointing.timeout", "15 s")
        .flink("execution.checkpointing.tolerable-failed-checkpoints", "3")
        .set("sluice.sink.transaction-timeout", "20 s");
  }
}

package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.TrafficRun;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.savepoint.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * A savepoint that is older than the brokers' memory of transactional ids (seven days; here five
 * seconds): a transaction's name no longer shows what became of it.
 */
class ForgottenTransactionIT {

  private static final Pattern HEALING = Pattern.compile("flink run -s (\\S+) ");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path DIRECTORY =
      Path.of(System.getProperty("basedir", ""), "target", "it-forgotten").toAbsolutePath();

  @Test
  void aForgottenTransactionIsJudgedByTheOutput() throws Exception {
    List<String> shortMemory =
        List.of(
            "transactional.id.expiration.ms=5000",
            "transaction.remove.expired.transaction.cleanup.interval.ms=1000",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000");
    try (LocalCluster cluster =
        LocalCluster.startEmpty(
            DIRECTORY, LocalCluster.firstTestOffset() + 600, 2, 8, shortMemory)) {
      String broker = cluster.bootstrapServers();
      JobSpec kept = JobSpec.small("kept", JobTopics.named("kept").create(broker, 4));
      JobSpec lost = lost(JobTopics.named("lost").create(broker, 4));
      try (TrafficRun keptTraffic = TrafficRun.into(kept, broker, 51, 100);
          TrafficRun lostTraffic = TrafficRun.into(lost, broker, 52, 100)) {
        JobUnderTest keptJob = JobUnderTest.inProcess(cluster, kept);
        JobUnderTest lostJob = JobUnderTest.inProcess(cluster, lost);
        keptJob.run(2);
        lostJob.run(2);
        keptJob.awaitCheckpoints(2);
        String keptSavepoint = keptJob.stop();
        String lostSavepoint = dieBeforeTheCommit(cluster, lostJob);
        keptTraffic.stop();
        lostTraffic.stop();
        awaitForgotten(cluster, keptSavepoint);
        awaitForgotten(cluster, lostSavepoint);

        assertResumed(broker, kept, JobUnderTest.inProcess(cluster, kept), keptSavepoint);
        assertRefusedAndHealed(broker, lost, JobUnderTest.inProcess(cluster, lost), lostSavepoint);
      }
    }
  }

  private static void assertResumed(String broker, JobSpec spec, JobUnderTest job, String savepoint)
      throws Exception {
    job.resume(2, savepoint);
    job.awaitNoLag();
    assertThat(job.failures()).as("restarts after a clean stop").isZero();
    job.stop();
    new Ledger(broker, spec.topics(), spec.name()).read().assertClean();
  }

  private static void assertRefusedAndHealed(
      String broker, JobSpec spec, JobUnderTest job, String savepoint) throws Exception {
    String refusal = job.refused(3, "-s", savepoint);
    assertThat(refusal).contains("were never committed", "nothing was written");
    assertThat(job.failures()).as("refused once").isEqualTo(1);
    Matcher healing = HEALING.matcher(refusal);
    assertThat(healing.find()).as("a snapshot that heals in %s", refusal).isTrue();

    job.resume(3, healing.group(1));
    job.awaitNoLag();
    job.stop();
    new Ledger(broker, spec.topics(), spec.name()).read().assertClean();
  }

  /** What the savepoint holds as pending is aborted by its timeout, and then forgotten. */
  private static String dieBeforeTheCommit(LocalCluster cluster, JobUnderTest job)
      throws Exception {
    job.awaitCheckpoints(1);
    String savepoint =
        new FlinkRest(cluster.rest().toString())
            .savepoint(job.id(), cluster.directoryUri() + "/savepoints");
    cluster.killTaskManager(1);
    cluster.killTaskManager(2);
    job.cancel();
    cluster.startTaskManager();
    cluster.startTaskManager();
    return savepoint;
  }

  private static void awaitForgotten(LocalCluster cluster, String savepoint) throws Exception {
    List<PendingTransaction> pending = Snapshot.open(savepoint).committables();
    assertThat(pending).as("what %s has to commit", savepoint).isNotEmpty();
    try (Brokers brokers = new Brokers(cluster.kafkaClient(), Duration.ofSeconds(10))) {
      Eventually.until(
          "the brokers to forget " + pending,
          LIMIT,
          () -> brokers.fates(pending).values().stream().allMatch(f -> f == Fate.EXPIRED));
    }
  }

  /** Seldom a checkpoint, so that a savepoint stays uncommitted for long enough. */
  private static JobSpec lost(JobTopics topics) {
    return JobSpec.small("lost", topics)
        .flink("execution.checkpointing.interval", "10 s")
        .flink("execution.checkpointing.timeout", "5 s")
        .flink("execution.checkpointing.tolerable-failed-checkpoints", "0")
        .set("sluice.sink.transaction-timeout", "20 s");
  }
}

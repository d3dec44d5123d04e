package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Anomaly;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Resumes from snapshots that the output has long gone beyond: nothing is given twice, nothing is
 * lost, and what is learned is what an uninterrupted job learns.
 */
class OlderSnapshotIT {

  private static final int EVENTS_PER_SECOND = 1_000;
  private static final int KEYS = 200;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @Test
  void anySnapshotResumesAtAnyParallelismWithoutLossOrDuplicate() throws Exception {
    JobSpec spec = spec("older-snapshots");
    try (TrafficRun traffic = traffic(31, spec)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      List<String> savepoints = new ArrayList<>();
      job.run(2);
      for (int i = 0; i < 5; i++) {
        job.awaitCheckpoints(1);
        savepoints.add(job.stop());
        job.resume(2, savepoints.get(i));
      }
      job.awaitCheckpoints(1);
      job.cancel();

      // The fifth last, and while its answers are suppressed: a checkpoint, and a crash.
      job.resume(1, savepoints.get(0));
      job.awaitCheckpoints(1);
      job.loseTaskManager();
      job.awaitCheckpoints(1);
      job.cancel();
      // The third last, stopped at once: the stop's savepoint is behind the output, too.
      job.resume(4, savepoints.get(2));
      String behind = job.stop();
      job.resume(3, behind);
      job.awaitCheckpoints(1);
      job.cancel();
      // The second last, and the same once more.
      for (int parallelism : new int[] {2, 4}) {
        job.resume(parallelism, savepoints.get(3));
        job.awaitCheckpoints(1);
        job.cancel();
      }
      // A retained checkpoint.
      job.resume(2, job.lastCheckpoint());
      traffic.stop();
      job.awaitNoLag();
      assertSameAsUninterrupted(spec, traffic, job.stop());
    }
  }

  /** Negative control: what Flink alone makes of the second last savepoint. */
  @Test
  void withoutTheFenceAnOlderSnapshotDoubles() throws Exception {
    JobSpec spec = spec("older-snapshot-off").set("sluice.restore-fence", "off");
    try (TrafficRun traffic = traffic(32, spec)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(1);
      String older = job.stop();
      job.resume(2, older);
      job.awaitCheckpoints(2);
      job.stop();
      job.resume(2, older);
      traffic.stop();
      job.awaitNoLag();
      job.stop();
    }
    Verdict verdict = new Ledger(broker, spec.topics(), spec.name()).read();
    assertThat(verdict.anomalies()).containsOnlyKeys(Anomaly.DUPLICATE);
    assertThat(verdict.count(Anomaly.DUPLICATE)).isGreaterThan(100);
  }

  @Test
  void modeFailRefusesASnapshotBehindTheOutputOnceAndForGood() throws Exception {
    JobSpec spec = spec("older-snapshot-fail").set("sluice.restore-fence", "fail");
    try (TrafficRun traffic = traffic(33, spec)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(1);
      String older = job.stop();
      job.resume(2, older);
      job.awaitCheckpoints(1);
      String newest = job.stop();

      String refusal = job.refused(2, "-s", older);
      assertThat(refusal)
          .contains("answers are committed beyond checkpoint", "sluice.restore-fence is fail")
          .containsPattern(spec.topics().events() + "/\\d: [\\d, …-]+ \\(");
      assertThat(job.failures()).isEqualTo(1);

      job.resume(2, newest);
      traffic.stop();
      job.awaitNoLag();
      job.stop();
    }
    new Ledger(broker, spec.topics(), spec.name()).read().assertClean();
  }

  @Test
  void aForgottenSavepointIsRefusedUnlessItIsMeant() throws Exception {
    JobSpec spec = spec("forgotten");
    try (TrafficRun traffic = traffic(34, spec)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(1);
      job.awaitCheckpoints(1);
      traffic.stop();
      job.awaitNoLag();
      job.stop();
    }
    String[] reported = {"without a savepoint is refused", "holds the answer to", "-s SAVEPOINT"};
    // The REST interface takes no Flink options: the cluster's own checkpoint timeout counts.
    JobUnderTest forgetful =
        new JobUnderTest(cluster, spec.set("sluice.sink.transaction-timeout", "15 min"));
    assertThat(forgetful.refusedAtStart(1)).contains(reported);
    // The web UI's way: the program runs in the JobManager, and the job itself has to refuse.
    assertThat(forgetful.refusedInCluster(2)).contains(reported);
    assertThat(forgetful.failures()).isEqualTo(1);

    JobUnderTest meant =
        JobUnderTest.inProcess(cluster, spec.set("sluice.start.over-existing-output", "true"));
    meant.run(1);
    meant.awaitCheckpoints(1);
    meant.stop();
    assertThat(new Ledger(broker, spec.topics(), spec.name()).read().anomalies())
        .containsKey(Anomaly.DUPLICATE);
  }

  private void assertSameAsUninterrupted(JobSpec spec, TrafficRun traffic, String savepoint)
      throws Exception {
    SavedKeys keys = SavepointModels.keys(savepoint);
    Verdict verdict =
        new Ledger(broker, spec.topics(), spec.name())
            .below(SavepointModels.offsets(savepoint))
            .holding(keys.held())
            .read()
            .assertClean();
    assertThat(verdict.inputs()).isEqualTo(traffic.sent());
    String name = spec.name() + "-straight";
    JobTopics topics = JobTopics.reading(spec.topics().events(), name).create(broker, 4);
    JobUnderTest straight = JobUnderTest.inProcess(cluster, spec(name, topics));
    straight.run(2);
    straight.awaitNoLag();
    assertThat(keys.differences(SavepointModels.keys(straight.stop()))).isEmpty();
    assertThat(Answers.differences(broker, spec.topics(), topics)).isEmpty();
  }

  private TrafficRun traffic(long seed, JobSpec spec) {
    return TrafficRun.start(
        broker,
        new SeededTraffic(seed, KEYS, TargetKind.LABELS),
        spec.topics().events(),
        Long.MAX_VALUE,
        EVENTS_PER_SECOND);
  }

  private JobSpec spec(String name) throws Exception {
    return spec(name, JobTopics.named(name).create(broker, 4));
  }

  private static JobSpec spec(String name, JobTopics topics) {
    return JobSpec.named(name, topics)
        .flink("execution.checkpointing.interval", "1 s")
        .flink(
            "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION")
        .set("sluice.outcome.timeout", "1 h")
        .set("sluice.features.width", "32");
  }
}

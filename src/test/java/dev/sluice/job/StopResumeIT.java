package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Anomaly;
import dev.sluice.support.Answers;
import dev.sluice.support.Goal;
import dev.sluice.support.JobSpec;
import dev.sluice.support.JobTopics;
import dev.sluice.support.JobUnderTest;
import dev.sluice.support.Ledger;
import dev.sluice.support.LocalCluster;
import dev.sluice.support.OutputKind;
import dev.sluice.support.SavedKeys;
import dev.sluice.support.SavepointModels;
import dev.sluice.support.SeededTraffic;
import dev.sluice.support.TrafficRun;
import dev.sluice.support.Verdict;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stops and resumes the job by Flink's own command line under steady load, and kills a TaskManager
 * in between: nothing is lost or doubled, and what is learned is what an uninterrupted job learns.
 */
class StopResumeIT {

  private static final int[] PARALLELISM = {2, 1, 4, 2};
  private static final int STOPS = 8;
  private static final int KILL_BEFORE_STOP = 5;
  private static final int EVENTS_PER_SECOND = 1_000;
  private static final int KEYS = 200;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @ParameterizedTest
  @ValueSource(strings = {"rocksdb", "hashmap"})
  void everyInputIsAnsweredOnceAndEveryModelIsBitIdentical(String backend) throws Exception {
    // Far fewer than there are keys: most models go through the backend, not only at snapshots.
    JobSpec spec = spec("stop-resume-" + backend, backend).set("sluice.state.cached-keys", "20");
    try (TrafficRun traffic = traffic(11, spec)) {
      JobUnderTest job = new JobUnderTest(cluster, spec);
      String savepoint = interrupt(job, traffic);
      job.resume(2, savepoint);
      traffic.stop();
      job.awaitNoLag();
      savepoint = job.stop();

      SavedKeys interrupted = SavepointModels.keys(savepoint);
      Verdict verdict =
          new Ledger(broker, spec.topics(), spec.name())
              .below(SavepointModels.offsets(savepoint))
              .holding(interrupted.held())
              .read()
              .assertClean();
      assertThat(verdict.inputs()).isEqualTo(traffic.sent());
      assertThat(verdict.answers(OutputKind.PREDICTION)).isEqualTo(traffic.observations());
      assertThat(verdict.answers(OutputKind.EVALUATION)).isEqualTo(traffic.outcomes());
      assertThat(interrupted.states()).hasSize(KEYS);
      assertSameAsUninterrupted(spec, backend, interrupted);
    }
  }

  /** Negative control: the same checks find what at-least-once doubles and what was deleted. */
  @Test
  void ledgerFindsDuplicatesOfAtLeastOnceAndDroppedAnswers() throws Exception {
    JobSpec spec =
        spec("at-least-once", "rocksdb")
            .set("sluice.sink.delivery-guarantee", "at-least-once")
            .flink("execution.checkpointing.interval", "6 s");
    try (TrafficRun traffic = traffic(12, spec)) {
      JobUnderTest job = new JobUnderTest(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(1);
      JobUnderTest.letRun(Duration.ofSeconds(3));
      job.loseTaskManager();
      traffic.stop();
      job.awaitNoLag();
      job.stop();
    }
    Ledger ledger = new Ledger(broker, spec.topics(), spec.name());
    Verdict verdict = ledger.read();
    assertThat(verdict.anomalies()).containsOnlyKeys(Anomaly.DUPLICATE);
    assertThat(verdict.count(Anomaly.DUPLICATE)).isGreaterThan(100);

    Answers.dropOlderHalf(broker, spec.topics().predictions());
    Verdict dropped = ledger.read();
    assertThat(dropped.anomalies()).containsKey(Anomaly.GAP);
  }

  /** Stops at random moments, before the first checkpoint too, and ends stopped. */
  private String interrupt(JobUnderTest job, TrafficRun traffic) throws Exception {
    Random moments = new Random(21);
    job.run(PARALLELISM[0]);
    String savepoint = "";
    for (int stop = 1; stop <= STOPS; stop++) {
      if (stop == KILL_BEFORE_STOP) {
        job.awaitCheckpoints(1);
        job.loseTaskManager();
        job.awaitCheckpoints(1);
      } else if (stop % 3 != 0) {
        job.awaitCheckpoints(1);
        JobUnderTest.letRun(Duration.ofMillis(moments.nextInt(2_500)));
      }
      assertThat(traffic.isRunning()).as("load at stop " + stop).isTrue();
      savepoint = job.stop();
      if (stop < STOPS) {
        job.resume(PARALLELISM[stop % PARALLELISM.length], savepoint);
      }
    }
    return savepoint;
  }

  private void assertSameAsUninterrupted(JobSpec spec, String backend, SavedKeys interrupted)
      throws Exception {
    String name = spec.name() + "-straight";
    JobTopics topics = JobTopics.reading(spec.topics().events(), name).create(broker, 4);
    JobUnderTest straight = new JobUnderTest(cluster, spec(name, backend, topics));
    straight.run(2);
    straight.awaitNoLag();
    SavedKeys uninterrupted = SavepointModels.keys(straight.stop());
    new Ledger(broker, topics, name).read().assertClean();
    assertThat(interrupted.differences(uninterrupted)).isEmpty();
    assertThat(Answers.differences(broker, spec.topics(), topics)).isEmpty();
  }

  private TrafficRun traffic(long seed, JobSpec spec) {
    return TrafficRun.start(
        broker,
        new SeededTraffic(seed, KEYS, Goal.LABELS),
        spec.topics().events(),
        Long.MAX_VALUE,
        EVENTS_PER_SECOND);
  }

  private JobSpec spec(String name, String backend) throws Exception {
    return spec(name, backend, JobTopics.named(name).create(broker, 4));
  }

  private static JobSpec spec(String name, String backend, JobTopics topics) {
    return JobSpec.named(name, topics)
        .flink("state.backend.type", backend)
        .flink("execution.checkpointing.interval", "1 s")
        .set("sluice.outcome.timeout", "1 h")
        .set("sluice.features.width", "32");
  }
}

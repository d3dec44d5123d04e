package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.OutputKind;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.time.Duration;
import java.util.Random;
import java.util.function.BiFunction;

/**
 * Stops and resumes a job under steady load, kills a TaskManager in between, and compares its
 * result with a job that read the same input undisturbed.
 */
final class StopResume {

  private static final int[] PARALLELISM = {2, 1, 4, 2};
  private static final int KILL_BEFORE_STOP = 4;
  private static final int EVENTS_PER_SECOND = 1_000;
  private static final int KEYS = 200;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final String backend;
  private final int stops;
  private final BiFunction<LocalCluster, JobSpec, JobUnderTest> start;

  /**
   * A run that is not started.
   *
   * @param backend {@code state.backend.type}
   * @param stops how many, before the last
   * @param start how each job is driven
   */
  StopResume(String backend, int stops, BiFunction<LocalCluster, JobSpec, JobUnderTest> start) {
    this.backend = backend;
    this.stops = stops;
    this.start = start;
  }

  /**
   * Fails unless every input is answered once and every model is the undisturbed one, bit for bit.
   */
  void check() throws Exception {
    String name = "stop-resume-" + backend;
    // Far fewer than there are keys: most models go through the backend, not only at snapshots.
    JobSpec spec =
        spec(name, backend, JobTopics.named(name).create(broker, 4))
            .set("sluice.state.cached-keys", "20");
    try (TrafficRun traffic = traffic(broker, spec, 11)) {
      JobUnderTest job = start.apply(cluster, spec);
      job.resume(2, interrupt(job, traffic));
      traffic.stop();
      job.awaitNoLag();
      String savepoint = job.stop();

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
      assertSameAsUninterrupted(spec, interrupted);
    }
  }

  /** Stops at random moments, before the first checkpoint too, and ends stopped. */
  private String interrupt(JobUnderTest job, TrafficRun traffic) throws Exception {
    Random moments = new Random(21);
    job.run(PARALLELISM[0]);
    String savepoint = "";
    for (int stop = 1; stop <= stops; stop++) {
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
      if (stop < stops) {
        job.resume(PARALLELISM[stop % PARALLELISM.length], savepoint);
      }
    }
    return savepoint;
  }

  private void assertSameAsUninterrupted(JobSpec spec, SavedKeys interrupted) throws Exception {
    String name = spec.name() + "-straight";
    JobTopics topics = JobTopics.reading(spec.topics().events(), name).create(broker, 4);
    JobUnderTest straight = start.apply(cluster, spec(name, backend, topics));
    straight.run(2);
    straight.awaitNoLag();
    SavedKeys uninterrupted = SavepointModels.keys(straight.stop());
    new Ledger(broker, topics, name).read().assertClean();
    assertThat(interrupted.differences(uninterrupted)).isEmpty();
    assertThat(Answers.differences(broker, spec.topics(), topics)).isEmpty();
  }

  /** Endless traffic of {@value #KEYS} keys into the job's input. */
  static TrafficRun traffic(String broker, JobSpec spec, long seed) {
    return TrafficRun.start(
        broker,
        new SeededTraffic(seed, KEYS, TargetKind.LABELS),
        spec.topics().events(),
        Long.MAX_VALUE,
        EVENTS_PER_SECOND);
  }

  /** A job with small models and a checkpoint each second. */
  static JobSpec spec(String name, String backend, JobTopics topics) {
    return JobSpec.small(name, topics).flink("state.backend.type", backend);
  }
}

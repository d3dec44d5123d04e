package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Each objective and each optimiser: a job stopped in mid-stream and resumed at another parallelism
 * ends with the same bits in every key's state, and the same answers, as one that never stopped.
 *
 * <p>Each once; {@link EveryLearnerHarnessTest} has every objective with every optimiser, and so
 * has this test with {@code -Dsluice.learners=all}.
 */
class BitIdenticalIT {

  private static final List<String> OBJECTIVES =
      List.of("log", "hinge", "squared", "absolute", "huber");
  private static final List<String> OPTIMISERS =
      List.of("sgd", "sgd-momentum", "adagrad", "adadelta");
  private static final int SIDE_BY_SIDE = 5;
  private static final int EVENTS_PER_SECOND = 100;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  private record Learner(String objective, String optimiser) {

    TargetKind goal() {
      return objective.equals("log") || objective.equals("hinge")
          ? TargetKind.LABELS
          : TargetKind.VALUES;
    }
  }

  @Test
  void stopsAndRescalesChangeNoBitOfWhatAnyLearnerLearns() throws Exception {
    List<Learner> learners = learners(System.getProperty("sluice.learners", "each").equals("all"));
    ExecutorService workers = Executors.newFixedThreadPool(SIDE_BY_SIDE);
    try {
      List<Future<String>> results = new ArrayList<>();
      for (Learner learner : learners) {
        results.add(workers.submit(() -> compare(learner)));
      }
      List<String> differing = new ArrayList<>();
      for (Future<String> result : results) {
        if (!result.get().isEmpty()) {
          differing.add(result.get());
        }
      }
      assertThat(differing).isEmpty();
    } finally {
      workers.shutdownNow();
    }
  }

  private static List<Learner> learners(boolean all) {
    return IntStream.range(0, OBJECTIVES.size() * OPTIMISERS.size())
        .mapToObj(i -> new Learner(OBJECTIVES.get(i % 5), OPTIMISERS.get(i % 4)))
        .limit(all ? Long.MAX_VALUE : OBJECTIVES.size())
        .toList();
  }

  /** What differs, in words; empty if nothing does. */
  private String compare(Learner learner) throws Exception {
    String name = "bits-" + learner.objective + "-" + learner.optimiser;
    JobTopics topics = JobTopics.named(name).create(broker, 2);
    SavedKeys interrupted = interrupted(spec(name, topics, learner));
    String straightName = name + "-straight";
    JobTopics straightTopics = JobTopics.reading(topics.events(), straightName).create(broker, 2);
    JobUnderTest straight =
        JobUnderTest.inProcess(cluster, spec(straightName, straightTopics, learner));
    straight.run(1);
    straight.awaitNoLag();
    SavedKeys uninterrupted = SavepointModels.keys(straight.stop());

    assertThat(interrupted.states()).as(name).hasSizeGreaterThan(10);
    List<String> keys = interrupted.differences(uninterrupted);
    List<String> answers = Answers.differences(broker, topics, straightTopics);
    return keys.isEmpty() && answers.isEmpty()
        ? ""
        : "%s: keys %s, answers %s".formatted(learner, keys, answers);
  }

  private SavedKeys interrupted(JobSpec spec) throws Exception {
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    TargetKind goal =
        spec.settings().containsKey("sluice.model.labels") ? TargetKind.LABELS : TargetKind.VALUES;
    try (TrafficRun traffic =
        TrafficRun.start(
            broker,
            new SeededTraffic(spec.name().hashCode(), 20, goal),
            spec.topics().events(),
            Long.MAX_VALUE,
            EVENTS_PER_SECOND)) {
      job.run(1);
      job.awaitCheckpoints(1);
      assertThat(traffic.isRunning()).as("load at the stop").isTrue();
      job.resume(2, job.stop());
      job.awaitCheckpoints(1);
      traffic.stop();
      job.awaitNoLag();
      return SavepointModels.keys(job.stop());
    }
  }

  private static JobSpec spec(String name, JobTopics topics, Learner learner) {
    JobSpec spec =
        JobSpec.named(name, topics)
            .flink("state.backend.type", "hashmap")
            .flink("execution.checkpointing.interval", "1 s")
            .set("sluice.outcome.timeout", "1 h")
            .set("sluice.features.width", "32")
            .set("sluice.model.objective", learner.objective)
            .set("sluice.model.optimiser", learner.optimiser);
    return learner.goal() == TargetKind.LABELS
        ? spec.set("sluice.model.labels", "ontime,late")
        : spec;
  }
}

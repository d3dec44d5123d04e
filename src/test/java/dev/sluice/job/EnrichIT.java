package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import dev.sluice.support.FeatureServer;
import dev.sluice.support.FeatureServer.Mood;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.OutputKind;
import dev.sluice.support.ledger.Place;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.TrafficRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/**
 * The feature service fails in every way, each time through a stop with a savepoint under load: the
 * policy holds, every input is answered once, and no stop takes longer than a lookup may.
 */
class EnrichIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** What a stop takes without lookups, on a machine that does much else. */
  private static final Duration STOP_MARGIN = Duration.ofSeconds(9);

  /** Of each run; what waits for lookups moves with its key. */
  private static final int[] PARALLELISM = {2, 3, 1, 4, 2, 3};

  private static final int CAPACITY = 40;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final JobTopics topics = JobTopics.named("enrich");
  private final List<Map<TopicPartition, Long>> stops = new ArrayList<>();

  @Test
  void everyFailureOfTheServiceIsSurvivedWithEveryInputAnsweredOnce() throws Exception {
    topics.create(broker, 4);
    try (FeatureServer server = new FeatureServer();
        TrafficRun traffic = StopResume.traffic(broker, bare(), 41)) {
      JobUnderTest job = job(server, "proceed");
      job.run(PARALLELISM[0]);
      Eventually.until(
          "lookups succeed", Duration.ofMinutes(1), () -> server.requests() > CAPACITY);
      job.awaitCheckpoints(1);
      server.kill();
      String savepoint = fail(job, traffic, "killed, proceed");
      server.revive();
      savepoint = next(server, Mood.HANGING, "defer", savepoint, traffic);
      savepoint = next(server, Mood.SLOW, "dead-letter", savepoint, traffic);
      savepoint = next(server, Mood.GARBAGE, "dead-letter", savepoint, traffic);
      savepoint = next(server, Mood.ERRORS, "defer", savepoint, traffic);

      JobUnderTest without = JobUnderTest.inProcess(cluster, bare());
      without.resume(PARALLELISM[stops.size()], savepoint);
      traffic.stop();
      without.awaitNoLag();
      check(traffic, without.stop());
    }
  }

  private String next(
      FeatureServer server, Mood mood, String policy, String savepoint, TrafficRun traffic)
      throws Exception {
    server.turn(mood);
    JobUnderTest job = job(server, policy);
    int asked = server.requests();
    job.resume(PARALLELISM[stops.size()], savepoint);
    Eventually.until("it is asked", Duration.ofMinutes(1), () -> server.requests() > asked);
    return fail(job, traffic, mood + ", " + policy);
  }

  /** Lets the failure last for a checkpoint, then stops and measures. */
  private String fail(JobUnderTest job, TrafficRun traffic, String what) throws Exception {
    job.awaitCheckpoints(1);
    assertThat(traffic.isRunning()).as("load at the stop, %s", what).isTrue();
    assertThat(job.failures()).as("failures, %s", what).isZero();
    long start = System.nanoTime();
    String savepoint = job.stop();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    System.out.printf("EnrichIT: stop while %s took %,d ms%n", what, took.toMillis());
    assertThat(took).as("stop while %s", what).isLessThan(TIMEOUT.plus(STOP_MARGIN));
    stops.add(SavepointModels.offsets(savepoint));
    return savepoint;
  }

  private void check(TrafficRun traffic, String savepoint) throws Exception {
    SavedKeys kept = SavepointModels.keys(savepoint);
    Verdict verdict =
        new Ledger(broker, topics, "enrich")
            .below(SavepointModels.offsets(savepoint))
            .holding(kept.held())
            .read()
            .assertClean();
    System.out.println("EnrichIT: " + verdict);
    assertThat(verdict.inputs()).isEqualTo(traffic.sent());
    long observations =
        verdict.answers(OutputKind.PREDICTION)
            + verdict.answers(OutputKind.DEFERRAL)
            + verdict.answers(OutputKind.DEAD_LETTER);
    assertThat(observations).isEqualTo(traffic.observations());
    assertThat(verdict.answers(OutputKind.DEFERRAL)).isPositive();

    Map<Place, String> letters = Answers.reasons(broker, topics.deadLetters());
    assertThat(letters.values()).isNotEmpty().containsOnly("enrichment-failed");
    // What was in flight at a stop is looked up again, under the next policy.
    long early = letters.keySet().stream().filter(place -> isBelow(place, 1)).count();
    assertThat(early).isLessThanOrEqualTo((long) CAPACITY * PARALLELISM[1]);
    assertThat(letters.keySet()).allMatch(place -> isBelow(place, 3), "before the fourth stop");
  }

  private boolean isBelow(Place place, int stop) {
    return place.offset()
        < stops.get(stop).getOrDefault(new TopicPartition(place.topic(), place.partition()), 0L);
  }

  private JobUnderTest job(FeatureServer server, String policy) {
    return JobUnderTest.inProcess(
        cluster,
        bare()
            .set("sluice.enrich.url", server.url())
            .set("sluice.enrich.on-failure", policy)
            .set("sluice.enrich.timeout", TIMEOUT.toMillis() + " ms")
            .set("sluice.enrich.attempt-timeout", "400 ms")
            .set("sluice.enrich.retries", "1")
            .set("sluice.enrich.capacity", "" + CAPACITY)
            .set("sluice.enrich.breaker.open-for", "1 s"));
  }

  private JobSpec bare() {
    return StopResume.spec("enrich", "hashmap", topics);
  }
}

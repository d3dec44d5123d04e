package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Answers;
import dev.sluice.support.Goal;
import dev.sluice.support.HostileCase;
import dev.sluice.support.HostileTraffic;
import dev.sluice.support.JobSpec;
import dev.sluice.support.JobTopics;
import dev.sluice.support.JobUnderTest;
import dev.sluice.support.Ledger;
import dev.sluice.support.LocalCluster;
import dev.sluice.support.Place;
import dev.sluice.support.SavepointModels;
import dev.sluice.support.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Input of which a third is broken in every way leaves the job running and the ledger clean. */
class BadInputIT {

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @ParameterizedTest
  @CsvSource({"LABELS, log, 100000, 20", "VALUES, huber, 10000, 8"})
  void everyBrokenRecordIsADeadLetterWithItsReasonAndNothingElseIs(
      Goal goal, String objective, int n, int timeoutSeconds) throws Exception {
    String name = "bad-input-" + objective;
    JobTopics topics = JobTopics.named(name).create(broker, 4);
    JobUnderTest job =
        JobUnderTest.inProcess(
            cluster,
            JobSpec.named(name, topics)
                .set("sluice.model.objective", objective)
                .set("sluice.outcome.timeout", timeoutSeconds + " s"));
    job.run(2);
    Map<Place, HostileCase> sent = new HostileTraffic(31, n, goal).produce(broker, topics.events());
    Map<Place, String> expected = new TreeMap<>(Place.ORDER);
    sent.forEach(
        (place, record) -> {
          if (!record.expected().equals(HostileCase.GOOD)) {
            expected.put(place, record.expected());
          }
        });
    job.awaitNoLagReported();
    Answers.awaitCount(broker, topics.deadLetters(), expected.size(), Duration.ofMinutes(4));

    assertThat(job.state()).isEqualTo("RUNNING");
    assertThat(job.failures()).isZero();
    String savepoint = job.stop();

    Verdict verdict =
        new Ledger(broker, topics, name)
            .below(SavepointModels.offsets(savepoint))
            .read()
            .assertClean();
    assertThat(verdict.inputs()).isEqualTo(sent.size()).isGreaterThanOrEqualTo(n);
    Map<Place, String> found = Answers.reasons(broker, topics.deadLetters());
    assertThat(surprises(sent, expected, found)).isEmpty();
  }

  /** Expected and found reason where they differ, counted by kind of record. */
  private static Map<String, Integer> surprises(
      Map<Place, HostileCase> sent, Map<Place, String> expected, Map<Place, String> found) {
    Map<String, Integer> surprises = new TreeMap<>();
    sent.forEach(
        (place, record) -> {
          String want = expected.getOrDefault(place, "an answer");
          String got = found.getOrDefault(place, "an answer");
          if (!want.equals(got)) {
            surprises.merge("%s: %s, not %s".formatted(record.name(), got, want), 1, Integer::sum);
          }
        });
    return surprises;
  }
}

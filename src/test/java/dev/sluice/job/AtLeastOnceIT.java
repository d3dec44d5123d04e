package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.ledger.Anomaly;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.TrafficRun;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Negative control: the checks that find an exactly-once job clean find what at-least-once doubles
 * and what was deleted.
 */
class AtLeastOnceIT {

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @Test
  void ledgerFindsDuplicatesAndDroppedAnswers() throws Exception {
    String name = "at-least-once";
    JobSpec spec =
        StopResume.spec(name, "rocksdb", JobTopics.named(name).create(broker, 4))
            .set("sluice.sink.delivery-guarantee", "at-least-once")
            .flink("execution.checkpointing.interval", "8 s");
    try (TrafficRun traffic = StopResume.traffic(broker, spec, 12)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
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
}

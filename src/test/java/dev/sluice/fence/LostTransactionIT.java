package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.OutputEnds;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Anomaly;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.TrafficRun;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The job dies between a savepoint and the commit of what the savepoint holds as pending, and stays
 * down for longer than the transaction timeout: the broker aborts the transactions, and a resume
 * from that savepoint has lost their answers.
 */
class LostTransactionIT {

  private static final Pattern MISSING = Pattern.compile("([\\d,]+) answers that checkpoint");
  private static final Pattern HEALING = Pattern.compile("flink run -s (\\S+) ");

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final FlinkRest rest = new FlinkRest(cluster.rest().toString());

  @Test
  void anExpiredTransactionIsFoundAndAnOlderSnapshotHealsIt() throws Exception {
    JobSpec off = spec("lost-off").set("sluice.restore-fence", "off");
    JobSpec fenced = spec("lost-fenced");
    try (TrafficRun offTraffic = TrafficRun.into(off, broker, 41, 200);
        TrafficRun fencedTraffic = TrafficRun.into(fenced, broker, 42, 200)) {
      JobUnderTest offJob = JobUnderTest.inProcess(cluster, rarely(off));
      JobUnderTest fencedJob = JobUnderTest.inProcess(cluster, rarely(fenced));
      String offSavepoint = dieBeforeTheCommit(offJob);
      String fencedSavepoint = dieBeforeTheCommit(fencedJob);
      new OutputEnds(broker, off.topics()).awaitStable();
      new OutputEnds(broker, fenced.topics()).awaitStable();

      assertFlinkAloneLosesSilently(off, offTraffic, offSavepoint);
      assertRefusedAndHealed(fenced, fencedTraffic, fencedSavepoint);
    }
  }

  /** Negative control. */
  private void assertFlinkAloneLosesSilently(JobSpec spec, TrafficRun traffic, String savepoint)
      throws Exception {
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    job.resume(2, savepoint);
    traffic.stop();
    job.awaitNoLag();
    assertThat(job.failures()).isZero();
    job.stop();
    Verdict verdict = new Ledger(broker, spec.topics(), spec.name()).read();
    assertThat(verdict.anomalies()).containsOnlyKeys(Anomaly.GAP);
    assertThat(verdict.count(Anomaly.GAP)).isGreaterThan(10);
  }

  private void assertRefusedAndHealed(JobSpec spec, TrafficRun traffic, String savepoint)
      throws Exception {
    traffic.stop();
    long lost =
        new Ledger(broker, spec.topics(), spec.name())
            .below(SavepointModels.offsets(savepoint))
            .holding(SavepointModels.keys(savepoint).held())
            .read()
            .count(Anomaly.GAP);
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    String refusal = job.refused(4, "-s", savepoint);
    assertThat(refusal)
        .contains("were never committed", "nothing was written")
        .containsPattern(spec.topics().events() + "/\\d: [\\d, …-]+ \\(");
    assertThat(lost).isGreaterThan(10);
    assertThat(find(MISSING, refusal).replace(",", "")).isEqualTo("" + lost);
    assertThat(job.failures()).as("refused once").isEqualTo(1);

    job.resume(3, find(HEALING, refusal));
    job.awaitNoLag();
    job.stop();
    new Ledger(broker, spec.topics(), spec.name()).read().assertClean();
  }

  /** A savepoint that is never committed: right behind a checkpoint, the next is far away. */
  private String dieBeforeTheCommit(JobUnderTest job) throws Exception {
    job.run(2);
    job.awaitCheckpoints(2);
    String savepoint = rest.savepoint(job.id(), cluster.directoryUri() + "/savepoints");
    cluster.killTaskManager(1);
    cluster.killTaskManager(2);
    job.cancel();
    cluster.startTaskManager();
    cluster.startTaskManager();
    return savepoint;
  }

  private static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
    return matcher.group(1);
  }

  private JobSpec spec(String name) throws Exception {
    return JobSpec.small(name, JobTopics.named(name).create(broker, 4))
        .flink("execution.checkpointing.timeout", "6 s")
        .flink("execution.checkpointing.tolerable-failed-checkpoints", "0")
        .set("sluice.sink.transaction-timeout", "20 s");
  }

  private static JobSpec rarely(JobSpec spec) {
    return spec.flink("execution.checkpointing.interval", "10 s");
  }
}

package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.Freezer;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LeadingJobManager;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Anomaly;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the JobManager again and again while it stops a job, most times in the moment between the
 * savepoint's commit and FINISHED, and lets another one recover. What Flink alone makes of it shows
 * in the job with the fence off; with the fence nothing is lost or doubled, without anyone's help.
 */
class JobManagerDeathIT {

  /** How often; at least three; {@code -Dsluice.deaths=20} takes about six minutes. */
  private static final int DEATHS = Integer.getInteger("sluice.deaths", 3);

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Pattern FOUND = Pattern.compile("; (\\d+) answers are committed beyond it");

  @Test
  void theFenceSuppressesWhatAJobManagerCommittedBeforeItDied(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
    int offset = LocalCluster.firstTestOffset() + 700;
    try (LocalCluster cluster = LocalCluster.startHa(directory.resolve("cluster"), offset, 2, 4)) {
      String broker = cluster.bootstrapServers();
      JobSpec off = spec("deaths-off", broker).set("sluice.restore-fence", "off");
      JobSpec fenced = spec("deaths", broker);
      try (TrafficRun offTraffic = TrafficRun.into(off, broker, 51, 100);
          TrafficRun traffic = TrafficRun.into(fenced, broker, 52, 100)) {
        JobUnderTest offJob = new JobUnderTest(cluster, off);
        JobUnderTest job = new JobUnderTest(cluster, fenced);
        offJob.run(1);
        job.run(2);
        Random moments = new Random(53);
        for (int death = 1; death <= DEATHS; death++) {
          List<JobUnderTest> stopping = death <= 3 ? List.of(job, offJob) : List.of(job);
          dieWhileStopping(cluster, stopping, death, moments.nextInt(40));
          if (death == 3) {
            finish(offJob, offTraffic);
          }
        }
        String savepoint = finish(job, traffic);
        assertSameAsUninterrupted(cluster, fenced, traffic, savepoint);
      }
      Verdict doubled = new Ledger(broker, off.topics(), off.name()).read();
      assertThat(doubled.anomalies()).containsOnlyKeys(Anomaly.DUPLICATE);
      long behind = restoresBehindACommit(cluster.directory());
      System.out.printf(
          "%d deaths: %d restores from behind a commit; without the fence %d doubled in 3%n",
          DEATHS, behind, doubled.count(Anomaly.DUPLICATE));
      assertThat(behind).as("restores from behind a commit").isGreaterThanOrEqualTo(DEATHS / 4);
    }
  }

  /**
   * Freezes the leader a moment after the savepoint is complete, and kills it when all was heard.
   */
  private static void dieWhileStopping(
      LocalCluster cluster, List<JobUnderTest> jobs, int death, int afterMs) throws Exception {
    FlinkRest rest = cluster.flinkRest();
    for (JobUnderTest job : jobs) {
      job.awaitCheckpoints(1);
    }
    LeadingJobManager leader = cluster.leader();
    Path savepoints = cluster.directory().resolve("savepoints/death-" + death);
    try (Freezer freezer = leader.freezer()) {
      for (JobUnderTest job : jobs) {
        rest.post(
            "/jobs/" + job.id() + "/stop",
            Map.of("targetDirectory", savepoints.resolve(job.id()).toUri(), "drain", false));
      }
      awaitComplete(savepoints.resolve(jobs.get(jobs.size() - 1).id()));
      JobUnderTest.letRun(Duration.ofMillis(afterMs));
      freezer.freeze();
      // The tasks commit and end, and no JobManager is notified.
      JobUnderTest.letRun(Duration.ofMillis(500));
      leader.kill();
    }
    removeTornResults(cluster.directory().resolve("ha"));
    cluster.restartJobManager();
    for (JobUnderTest job : jobs) {
      recover(cluster, job, savepoints.resolve(job.id()));
    }
  }

  /**
   * Flink 2.2.1 writes the result of a job that is over in place: a JobManager that dies while it
   * does leaves an empty file, at which every further one dies. An operator has to remove it.
   */
  private static void removeTornResults(Path highAvailability) throws IOException {
    try (Stream<Path> files = Files.walk(highAvailability)) {
      for (Path file : files.filter(f -> f.toString().endsWith("_DIRTY.json")).toList()) {
        if (Files.size(file) == 0) {
          Files.delete(file);
        }
      }
    }
  }

  private static void awaitComplete(Path savepoints) throws IOException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (complete(savepoints).isEmpty()) {
      assertThat(System.nanoTime()).as("no savepoint in %s", savepoints).isLessThan(end);
      JobUnderTest.letRun(Duration.ofMillis(1));
    }
  }

  /** Who was faster than the death is stopped, and is resumed by hand from its savepoint. */
  private static void recover(LocalCluster cluster, JobUnderTest job, Path savepoints)
      throws Exception {
    FlinkRest rest = new FlinkRest(cluster.leader().rest().toString());
    long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!isRecovered(rest, job.id())) {
      if (System.nanoTime() > end) {
        job.resume(2, complete(savepoints).orElseThrow().toUri().toString());
        return;
      }
      JobUnderTest.letRun(Duration.ofMillis(100));
    }
    rest.awaitRunning(job.id());
  }

  /** A job that was over before the death is listed for a while, but can't be asked about. */
  private static boolean isRecovered(FlinkRest rest, String jobId) throws InterruptedException {
    try {
      return !rest.state(jobId).equals("FINISHED");
    } catch (IOException e) {
      return false;
    }
  }

  private static Optional<Path> complete(Path savepoints) throws IOException {
    if (!Files.isDirectory(savepoints)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(savepoints)) {
      return files.filter(folder -> Files.exists(folder.resolve("_metadata"))).findAny();
    }
  }

  private static String finish(JobUnderTest job, TrafficRun traffic) throws Exception {
    traffic.stop();
    job.awaitNoLag();
    return job.stop();
  }

  private static void assertSameAsUninterrupted(
      LocalCluster cluster, JobSpec spec, TrafficRun traffic, String savepoint) throws Exception {
    String broker = cluster.bootstrapServers();
    SavedKeys keys = SavepointModels.keys(savepoint);
    Verdict verdict =
        new Ledger(broker, spec.topics(), spec.name()).holding(keys.held()).read().assertClean();
    assertThat(verdict.inputs()).isEqualTo(traffic.sent());
    String name = spec.name() + "-straight";
    JobTopics topics = JobTopics.reading(spec.topics().events(), name).create(broker, 4);
    JobUnderTest straight = new JobUnderTest(cluster, JobSpec.small(name, topics));
    straight.run(2);
    straight.awaitNoLag();
    assertThat(keys.differences(SavepointModels.keys(straight.stop()))).isEmpty();
    assertThat(Answers.differences(broker, spec.topics(), topics)).isEmpty();
  }

  private static long restoresBehindACommit(Path directory) throws IOException {
    long behind = 0;
    try (Stream<Path> logs = Files.list(directory.resolve("logs"))) {
      for (Path log :
          logs.filter(f -> f.getFileName().toString().matches("jobmanager.*\\.log")).toList()) {
        Matcher found = FOUND.matcher(Files.readString(log));
        while (found.find()) {
          behind += found.group(1).equals("0") ? 0 : 1;
        }
      }
    }
    return behind;
  }

  private static JobSpec spec(String name, String broker) throws Exception {
    return JobSpec.small(name, JobTopics.named(name).create(broker, 4));
  }
}

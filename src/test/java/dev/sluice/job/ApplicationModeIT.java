package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.support.FeatureServer;
import dev.sluice.support.FeatureServer.Mood;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LeadingJobManager;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.OutputKind;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import dev.sluice.tool.savepoint.Snapshot;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Application mode with high availability: the job's program runs again in each JobManager that
 * takes over, when what it read at the start may be gone.
 */
class ApplicationModeIT {

  private static final int OFFSET = LocalCluster.firstTestOffset() + 800;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** As the cluster makes them: the program checks for them before a test could create others. */
  private static final JobTopics TOPICS =
      new JobTopics(
          "sluice.events",
          "sluice.predictions",
          "sluice.evaluations",
          "sluice.deferred",
          "sluice.dead-letters",
          "sluice.control",
          "sluice.control-log");

  private static final Pattern DOWN =
      Pattern.compile("^jobmanager\\S* .* down$", Pattern.MULTILINE);
  private static final String STARTED = "switched from state CREATED to RUNNING";
  private static final String ENDED = "Terminating cluster entrypoint process";

  private static final JobSpec BARE = JobSpec.small("application", TOPICS);

  @TempDir private Path directory;

  @AfterEach
  void stop() {
    LocalCluster.unstarted(directory.resolve("cluster"), OFFSET).stop();
  }

  @Test
  void failoverNeedsNeitherChampionFileNorStartSavepoint() throws Exception {
    Path champion = directory.resolve("champion.tribuo");
    JobSpec spec = BARE.set("sluice.champion.uri", champion.toUri().toString());
    refused(spec);
    Files.write(champion, ControlHarness.champion(1));
    try (FeatureServer server = new FeatureServer().turn(Mood.SLOW)) {
      LocalCluster cluster = start(looking(spec, server), "");
      try (TrafficRun traffic =
          TrafficRun.start(
              cluster.bootstrapServers(),
              new SeededTraffic(17, 50, TargetKind.LABELS),
              TOPICS.events(),
              Long.MAX_VALUE,
              300)) {
        String savepoint = firstRun(cluster, server, champion);
        assertThat(Snapshot.open(savepoint).waitingForLookups().isEmpty()).isFalse();
        cluster.stop();

        LocalCluster resumed = start(spec, savepoint);
        check(resumed, traffic, secondRun(resumed, traffic, savepoint));
      }
    }
  }

  /** Without a champion there is no first start, and no second attempt at it. */
  private void refused(JobSpec spec) throws IOException {
    LocalCluster cluster = LocalCluster.unstarted(directory.resolve("cluster"), OFFSET);
    CommandResult start = cluster.cluster(arguments(spec, ""));
    try {
      Eventually.until(
          "the JobManagers to end (" + start.stderr() + ")",
          LIMIT,
          () -> !cluster.status().stdout().contains("leads"));
      String log = logs(cluster);
      assertThat(log)
          .contains(
              "SettingsException: sluice.champion.uri = ("
                  + spec.settings().get("sluice.champion.uri")
                  + "): there is no such file; make one with 'sluice train', or unset it to start cold")
          .contains("switched from state RUNNING to FAILING")
          .doesNotContain("to RESTARTING");
      assertThat(log.split("Job application \\(\\w+\\) switched from state RUNNING to FAILING", -1))
          .hasSize(2);
    } finally {
      cluster.stop();
    }
  }

  /** With a lookup in flight at every moment; the savepoint. */
  private static String firstRun(LocalCluster cluster, FeatureServer server, Path champion)
      throws Exception {
    String job = job(cluster);
    Eventually.until("lookups", LIMIT, () -> server.requests() > 10);
    cluster.flinkRest().awaitCheckpoints(job, 1);
    Files.delete(champion);
    takeOver(cluster, job);
    String savepoint =
        cluster.flinkRest().stopApplication(job, cluster.directoryUri() + "/savepoints");
    staysStopped(cluster);
    return savepoint;
  }

  /**
   * As where a platform starts a JobManager again that has ended with its job: the program runs
   * there once more, and must learn that its job is over.
   */
  private static void staysStopped(LocalCluster cluster) throws IOException {
    Eventually.until(
        "the JobManager that led to end",
        LIMIT,
        () -> DOWN.matcher(cluster.status().stdout()).find());
    int ended = count(cluster, ENDED);
    int started = count(cluster, STARTED);
    // It may end before it is found ready.
    cluster.cluster("restart-jm");
    Eventually.until(
        "the JobManager that was started again to end", LIMIT, () -> count(cluster, ENDED) > ended);
    assertThat(count(cluster, STARTED)).as("starts of the job").isEqualTo(started);
  }

  private static int count(LocalCluster cluster, String words) throws IOException {
    return logs(cluster).split(Pattern.quote(words), -1).length - 1;
  }

  private static String secondRun(LocalCluster cluster, TrafficRun traffic, String savepoint)
      throws Exception {
    String job = job(cluster);
    cluster.flinkRest().awaitCheckpoints(job, 1);
    delete(Path.of(URI.create(savepoint)));
    takeOver(cluster, job);
    traffic.stop();
    JobUnderTest.running(cluster, BARE, job).awaitNoLag();
    return cluster.flinkRest().stopApplication(job, cluster.directoryUri() + "/savepoints");
  }

  private static void takeOver(LocalCluster cluster, String job) throws Exception {
    LeadingJobManager killed = cluster.leader();
    cluster.killJobManager();
    cluster.awaitTakeover(killed, job);
    FlinkRest rest = cluster.flinkRest();
    rest.awaitRunning(job);
    rest.awaitCheckpoints(job, 1);
    JsonNode checkpoints = rest.get("/jobs/" + job + "/checkpoints");
    assertThat(checkpoints.path("counts").path("restored").asInt()).isEqualTo(1);
    assertThat(checkpoints.path("latest").path("restored").path("is_savepoint").asBoolean())
        .isFalse();
    // The program has run there, and what it could not read did not end the JobManager. Flink 2.3
    // says "is".
    Pattern recovered = Pattern.compile("Job " + job + " (was|is) recovered successfully");
    Eventually.until(
        "the program to be through", LIMIT, () -> recovered.matcher(logs(cluster)).find());
    cluster.restartJobManager();
    assertThat(cluster.status().exitCode()).isZero();
  }

  private static void check(LocalCluster cluster, TrafficRun traffic, String savepoint)
      throws Exception {
    SavedKeys kept = SavepointModels.keys(savepoint);
    Verdict verdict =
        new Ledger(cluster.bootstrapServers(), TOPICS, BARE.name())
            .below(SavepointModels.offsets(savepoint))
            .holding(kept.held())
            .read()
            .assertClean();
    System.out.println("ApplicationModeIT: " + verdict);
    assertThat(verdict.inputs()).isEqualTo(traffic.sent());
    assertThat(verdict.answers(OutputKind.PREDICTION)).isEqualTo(traffic.observations());
  }

  private LocalCluster start(JobSpec spec, String savepoint) {
    LocalCluster cluster = LocalCluster.unstarted(directory.resolve("cluster"), OFFSET);
    cluster.cluster(arguments(spec, savepoint)).requireSuccess();
    return cluster;
  }

  private static String[] arguments(JobSpec spec, String savepoint) {
    List<String> arguments = new ArrayList<>(List.of("start", "--ha", "--application"));
    arguments.addAll(List.of("-D", "parallelism.default=" + (savepoint.isEmpty() ? 2 : 3)));
    spec.flink().forEach((key, value) -> arguments.add("-D" + key + "=" + value));
    if (!savepoint.isEmpty()) {
      arguments.addAll(List.of("--from-savepoint", savepoint));
    }
    arguments.add("--");
    arguments.addAll(spec.arguments("127.0.0.1:" + (9092 + OFFSET)));
    return arguments.toArray(new String[0]);
  }

  private static JobSpec looking(JobSpec spec, FeatureServer server) {
    return spec.set("sluice.enrich.url", server.url())
        .set("sluice.enrich.timeout", "5 s")
        .set("sluice.enrich.attempt-timeout", "5 s");
  }

  private static String job(LocalCluster cluster) throws Exception {
    List<String> jobs = cluster.flinkRest().jobs();
    assertThat(jobs).hasSize(1);
    cluster.flinkRest().awaitRunning(jobs.get(0));
    return jobs.get(0);
  }

  private static String logs(LocalCluster cluster) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String role : new String[] {"jobmanager", "jobmanager-2"}) {
      all.append(Files.readString(cluster.directory().resolve("logs/" + role + ".log"), UTF_8));
    }
    return all.toString();
  }

  private static void delete(Path savepoint) throws IOException {
    try (Stream<Path> files = Files.list(savepoint)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}

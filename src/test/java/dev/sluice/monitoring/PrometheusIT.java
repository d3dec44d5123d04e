package dev.sluice.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import dev.sluice.support.FeatureServer;
import dev.sluice.support.cluster.Freezer;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.ToolProcess;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus with the configuration, the rules and the dashboards' expressions of {@code
 * deploy/}, with a job and its guard, through a stop that times out, the same stop completed, and a
 * resume. Needs Debian's package {@code prometheus}.
 */
@Tag("operations")
class PrometheusIT {

  private static final String NAME = "watched";
  private static final String TOKEN = "a-token-of-the-tests-for-prometheus";
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** The job has no champion, whose losses are NaN then. */
  private static final Set<String> MAY_BE_NAN =
      Set.of("flink_taskmanager_job_task_operator_sluice_championMeanLoss");

  /**
   * They compare with the hours or days before, which no job of a test has: promtool tests them.
   */
  private static final Set<String> OF_HISTORY =
      Set.of(
          "job_name:sluice_compared_losses:before1h",
          "job_name:sluice_compared_losses:before1d",
          "job_name:sluice_compared_loss:rise1h",
          "job_name:sluice_compared_loss:rise1d",
          "job_name:sluice_compared_loss:score1h",
          "job_name:sluice_compared_loss:score1d");

  private final LocalCluster cluster = LocalCluster.shared();
  private final int offset = cluster.rest().getPort() - 8081;
  private final URI guardAddress = URI.create("http://127.0.0.1:" + (8090 + offset));
  private final Path stops = cluster.directory().resolve("stops-" + NAME);

  @TempDir Path folder;

  @Test
  void everyMetricHasDataAndTheAlertOfAStopFiresAndResolves() throws Exception {
    try (FeatureServer features = new FeatureServer()) {
      watch(JobSpec.small(NAME, topics()).set("sluice.enrich.url", features.url()));
    }
  }

  private void watch(JobSpec spec) throws Exception {
    try (TrafficRun traffic = TrafficRun.into(spec, cluster.bootstrapServers(), 83, 100);
        PrometheusProcess prometheus =
            PrometheusProcess.start(folder, configuration(), 9090 + offset)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(2);
      try (ToolProcess guard = guard()) {
        guard.awaitSaid(Pattern.compile("the stop is rehearsed: it would stop"));
        await("all is scraped", () -> prometheus.query("up == 1").size() == 4);
        await("the stop is possible", () -> prometheus.holds("sluice_guard_stop_possible == 1"));
        aStopThatTimesOutFiresAndTheSameStopProvedResolves(prometheus, job);
        cluster
            .sluice("resume", receipt().toString(), "--journal", stops.toString())
            .requireSuccess();
        await(
            "the job is seen again",
            () ->
                prometheus.holds(
                    "sluice_guard_job_running == 1 and sluice_guard_job_expected == 1"));
        assertThat(traffic.isRunning()).as("load").isTrue();
        assertEveryMetricHasData(prometheus);
        assertThat(prometheus.brokenRules()).isEmpty();
        assertDashboardsCanBeDrawn(prometheus);
      }
    }
  }

  private void aStopThatTimesOutFiresAndTheSameStopProvedResolves(
      PrometheusProcess prometheus, JobUnderTest job) throws Exception {
    assertThat(prometheus.firing()).doesNotContain("SluiceStopTimedOut");
    try (Freezer frozen = cluster.freezer("taskmanager-" + job.taskManagerNumber())) {
      frozen.freeze();
      try {
        stop();
        await("the stop's alert fires", () -> prometheus.firing().contains("SluiceStopTimedOut"));
      } finally {
        frozen.thaw();
      }
    }
    stop();
    await("the alert is resolved", () -> !prometheus.firing().contains("SluiceStopTimedOut"));
    assertThat(prometheus.holds("sluice_stop_outcome{outcome=\"proved\"} == 1")).isTrue();
    assertThat(prometheus.holds("sluice_guard_job_expected == 0")).isTrue();
    await(
        "nothing is open, and every answer can be read",
        () ->
            prometheus.holds(
                "sluice_guard_open_transactions == 0 and sluice_guard_output_held_back_records == 0"
                    + " and sluice_guard_job_running == 0"));
  }

  private static void assertEveryMetricHasData(PrometheusProcess prometheus) throws Exception {
    Set<String> named = PublishedMetrics.names();
    named.addAll(PublishedMetrics.ofLookups());
    for (String expression : MonitoringFiles.expressions()) {
      named.addAll(MonitoringFiles.metrics(expression));
    }
    assertThat(named.removeAll(OF_HISTORY)).isTrue();
    await(
        "every metric has data",
        () -> {
          for (String name : List.copyOf(named)) {
            if (prometheus.holds(figure(name))) {
              named.remove(name);
            }
          }
          if (!named.isEmpty()) {
            throw new IllegalStateException("no data for " + named);
          }
          return true;
        });
  }

  private static String figure(String name) {
    return MAY_BE_NAN.contains(name)
        ? "last_over_time(%s[10m])".formatted(name)
        : "max_over_time(%s[10m]) > -Inf".formatted(name);
  }

  private static void assertDashboardsCanBeDrawn(PrometheusProcess prometheus) throws Exception {
    for (String expression : MonitoringFiles.expressions()) {
      if (!expression.startsWith("label_values(")) {
        prometheus.query(expression.replace("$job_name", NAME).replace("$__rate_interval", "1m"));
      }
    }
  }

  /** The one in deploy/prometheus with this cluster's ports, this job, and less patience. */
  private String configuration() throws IOException {
    String text = Files.readString(MonitoringFiles.PROMETHEUS.resolve("prometheus.yml"));
    String rules = MonitoringFiles.PROMETHEUS.resolve("rules").toAbsolutePath().toString();
    return Pattern.compile("127\\.0\\.0\\.1:(\\d+)")
        .matcher(text)
        .replaceAll(port -> "127.0.0.1:" + (Integer.parseInt(port.group(1)) + offset))
        .replace("rules/*.yml", rules + "/*.yml")
        .replaceAll("(?m)job_name: sluice$", "job_name: " + NAME)
        .replace("_interval: 15s", "_interval: 1s");
  }

  private ToolProcess guard() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    return ToolProcess.start(
        cluster,
        "guard",
        NAME,
        "--savepointPath",
        cluster.directory().resolve("savepoints-" + NAME).toString(),
        "--journal",
        stops.toString(),
        "--grace",
        "3s",
        "--token-file",
        token.toString(),
        "--listen",
        guardAddress.getAuthority());
  }

  private void stop() throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(guardAddress.resolve("/stop"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .header("Authorization", "Bearer " + TOKEN)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  private Path receipt() throws IOException {
    try (Stream<Path> files = Files.list(stops)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("receipt-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private JobTopics topics() throws Exception {
    return JobTopics.named(NAME).create(cluster.bootstrapServers(), 4);
  }

  private static void await(String what, Callable<Boolean> condition) {
    Eventually.until(what, LIMIT, condition);
  }
}

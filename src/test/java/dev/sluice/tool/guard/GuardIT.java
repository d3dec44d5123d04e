package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.support.Eventually;
import dev.sluice.support.browser.Chromium;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.cluster.ToolProcess;
import dev.sluice.support.ledger.Ledger;
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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A guard as a separate process alongside a job under load: signals, kill -9, and its page. */
class GuardIT {

  private static final String NAME = "guarded";
  private static final Pattern ADDRESS = Pattern.compile("listening on (http://\\S+)");

  private static final Pattern FIGURE = Pattern.compile("[0-9]");

  private final LocalCluster cluster = LocalCluster.shared();
  private final Path savepoints = cluster.directory().resolve("savepoints-" + NAME);
  private final Path stops = cluster.directory().resolve("stops-" + NAME);

  @Test
  void signalsStopTheJobOnceAndAKilledGuardIsGoneOnWith() throws Exception {
    JobSpec spec = spec();
    try (TrafficRun traffic = TrafficRun.into(spec, cluster.bootstrapServers(), 81, 300)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(2);
      aGuardIsReplacedAndTheJobRunsOn();
      twoSignalsMakeOneStop();
      cluster
          .sluice("resume", receipts().get(0).toString(), "--journal", stops.toString())
          .requireSuccess();
      assertThat(traffic.isRunning()).as("load").isTrue();
      aKilledGuardIsGoneOnWith();
      traffic.stop();
    }
    assertClean(spec);
  }

  private void aGuardIsReplacedAndTheJobRunsOn() throws Exception {
    try (ToolProcess old = guard();
        ToolProcess next = guard()) {
      for (ToolProcess each : List.of(old, next)) {
        URI address = address(each);
        Eventually.until(
            "/readyz of " + address, Duration.ofMinutes(1), () -> readiness(address) == 200);
      }
      old.terminate();
      assertThat(old.await()).as(old.output()).isEqualTo(8);
      assertThat(old.output()).contains("guarded runs on, another guard (process ");
      next.hangUp();
      assertThat(next.await()).as(next.output()).isEqualTo(8);
      assertThat(next.output()).contains("SIGHUP: leaving; guarded runs on");
    }
    assertThat(receipts()).as("no stop").isEmpty();
    assertThat(cluster.sluice("status", NAME).requireSuccess().stdout()).contains("RUNNING");
  }

  private void twoSignalsMakeOneStop() throws Exception {
    try (ToolProcess guard = guard();
        Chromium chromium = Chromium.open(address(guard), 1000, ColorScheme.LIGHT)) {
      chromium.await("#verdict-title", "The job runs, and is guarded");
      chromium.await("#lag", FIGURE);
      chromium.await("#rate", FIGURE);
      guard.awaitSaid(Pattern.compile("the stop is rehearsed: it would stop job \\(guarded\\)"));
      assertThat(readiness(address(guard))).as("/readyz").isEqualTo(200);
      guard.terminate();
      guard.awaitSaid(Pattern.compile("SIGTERM: stopping"));
      guard.terminate();
      chromium.await("#verdict-title", "Stopped, and proved");
      chromium.await("#state", "FINISHED");
      chromium.screenshot(Path.of("target", "status-page.png"));
      assertThat(guard.await()).as(guard.output()).isZero();
      assertThat(guard.output()).contains("SIGTERM: already stopping");
      assertThat(chromium.text("#resume-command")).contains("resume", receipts().get(0).toString());
      // The page asks on after its guard has gone.
      assertThat(chromium.complaints()).allMatch(c -> c.contains("ERR_CONNECTION_REFUSED"));
    }
    assertThat(children(savepoints)).as("one savepoint").hasSize(1);
    assertThat(receipts()).as("one receipt").hasSize(1);
  }

  private void aKilledGuardIsGoneOnWith() throws Exception {
    try (ToolProcess doomed = guard()) {
      doomed.awaitSaid(Pattern.compile(NAME + " \\(\\S+\\) is RUNNING"));
      doomed.terminate();
      doomed.awaitBegun("savepoint");
      doomed.kill();
    }
    try (ToolProcess guard = guard()) {
      guard.awaitSaid(Pattern.compile("a stop of guarded is in flight: continuing it"));
      guard.awaitBegun("receipt");
      guard.terminate();
      assertThat(guard.await()).as(guard.output()).isZero();
    }
    assertThat(children(savepoints)).as("one savepoint more").hasSize(2);
    assertThat(receipts()).as("one receipt more").hasSize(2);
  }

  private ToolProcess guard() throws IOException {
    return ToolProcess.start(
        cluster,
        "guard",
        NAME,
        "--savepointPath",
        savepoints.toString(),
        "--journal",
        stops.toString(),
        "--grace",
        "2m", // The job's transactions live for 5 min.
        "--listen",
        "127.0.0.1:0");
  }

  private static int readiness(URI guard) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(guard.resolve("/readyz")).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static URI address(ToolProcess guard) throws IOException {
    return URI.create(guard.awaitSaid(ADDRESS));
  }

  /** Every answer up to the last savepoint is there once. */
  private void assertClean(JobSpec spec) throws Exception {
    Path newest =
        receipts().stream().max((one, other) -> Long.compare(time(one), time(other))).orElseThrow();
    String savepoint =
        new ObjectMapper().readTree(newest.toFile()).path("snapshot").path("uri").asText();
    new Ledger(cluster.bootstrapServers(), spec.topics(), spec.name())
        .below(SavepointModels.offsets(savepoint))
        .holding(SavepointModels.keys(savepoint).held())
        .read()
        .assertClean();
  }

  private static long time(Path file) {
    return file.toFile().lastModified();
  }

  private List<Path> receipts() throws IOException {
    return children(stops).stream()
        .filter(file -> file.getFileName().toString().startsWith("receipt-"))
        .toList();
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }

  private JobSpec spec() throws Exception {
    return JobSpec.small(NAME, JobTopics.named(NAME).create(cluster.bootstrapServers(), 4));
  }
}

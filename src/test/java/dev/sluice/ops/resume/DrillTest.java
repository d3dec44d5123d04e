package dev.sluice.ops.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ops.stop.OnTimeout;
import dev.sluice.ops.stop.StopOutcome;
import dev.sluice.ops.stop.StopPolicy;
import dev.sluice.support.CannedFlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a drill refuses before it stops anything, at a JobManager that only tells its jobs. */
class DrillTest {

  private static final String JOBS =
      "{\"jobs\":[{\"jid\":\"0123456789abcdef0123456789abcdef\",\"name\":\"flights\",\"state\":\"%s\",\"start-time\":0}]}";

  @TempDir Path folder;

  private CannedFlink flink;

  @BeforeEach
  void startFlink() throws IOException {
    flink =
        CannedFlink.start()
            .tell("/jobs/overview", JOBS.formatted("RUNNING"))
            .tell("/config", "{\"features\":{\"web-submit\":false}}");
  }

  @AfterEach
  void stopFlink() {
    flink.close();
  }

  @Test
  void aJobThatIsOverIsNotResumedFromItsOldReceipt() throws Exception {
    flink.tell("/jobs/overview", JOBS.formatted("FINISHED"));
    Drill.Result result = drill(Files.createFile(folder.resolve("job.jar")));
    assertThat(result.stop()).isInstanceOf(StopOutcome.NothingChanged.class);
    assertThat(result.stop().text()).contains("is FINISHED already: there is nothing to stop");
    assertThat(result.exitCode()).isOne();
    assertThat(flink.asked()).containsExactly("GET /jobs/overview");
  }

  @Test
  void aJobThatCouldNotBeRunAgainIsNotStopped() throws Exception {
    Drill.Result result = drill(folder.resolve("gone.jar"));
    assertThat(result.stop()).isInstanceOf(StopOutcome.NothingChanged.class);
    assertThat(result.stop().text()).contains("gone.jar", "--jar");
    assertThat(result.downtime()).isNull();
    assertThat(flink.asked()).containsExactly("GET /jobs/overview");
  }

  @Test
  void aClusterThatTakesNoJobsIsAskedToStopNone() throws Exception {
    Drill.Result result = drill(Files.createFile(folder.resolve("job.jar")));
    assertThat(result.stop()).isInstanceOf(StopOutcome.NothingChanged.class);
    assertThat(result.stop().text())
        .startsWith("Refused, and nothing was touched")
        .contains("web.submit.enable", "resume --print");
    assertThat(result.exitCode()).isOne();
    assertThat(flink.asked()).containsExactly("GET /jobs/overview", "GET /config");
  }

  private Drill.Result drill(Path jar) throws Exception {
    StopPolicy stop =
        new StopPolicy(
            "flights",
            flink.addresses(),
            null,
            false,
            false,
            Duration.ofSeconds(5),
            OnTimeout.FAIL,
            Duration.ofSeconds(5),
            null,
            folder,
            Map.of());
    ResumePolicy resume =
        new ResumePolicy(
            "",
            flink.addresses(),
            jar,
            null,
            false,
            null,
            Map.of(),
            Map.of(),
            folder,
            Duration.ofSeconds(5));
    return Drill.run(stop, event -> {}, resume, text -> {});
  }
}

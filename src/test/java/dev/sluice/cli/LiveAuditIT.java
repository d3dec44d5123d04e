package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.job.JobSettings;
import dev.sluice.job.fence.Foresight;
import dev.sluice.ops.snapshot.SavedFence;
import dev.sluice.ops.snapshot.Snapshot;
import dev.sluice.support.Goal;
import dev.sluice.support.JobSpec;
import dev.sluice.support.JobTopics;
import dev.sluice.support.JobUnderTest;
import dev.sluice.support.LocalCluster;
import dev.sluice.support.SeededTraffic;
import dev.sluice.support.TrafficRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Audits a real job: while it runs under load, and when it has stopped. */
class LiveAuditIT {

  private static final String NAME = "live-audit";

  private final LocalCluster cluster = LocalCluster.shared();

  @Test
  void aRunningJobAndItsSavepointsAreCleanAndTheirResumesForeseen() throws Exception {
    JobTopics topics = JobTopics.named(NAME).create(cluster.bootstrapServers(), 4);
    JobSpec spec = JobSpec.named(NAME, topics).flink("execution.checkpointing.interval", "1 s");
    JobUnderTest job = new JobUnderTest(cluster, spec);
    String first;
    String last;
    try (TrafficRun traffic = traffic(topics)) {
      job.run(2);
      job.awaitCheckpoints(2);
      JsonNode running = audit(spec);
      assertThat(running.path("stopped").asBoolean()).isFalse();
      assertThat(running.path("answered").asLong()).isPositive();
      first = job.stop();
      assertThat(traffic.isRunning()).isTrue();
      job.resume(2, first);
      job.awaitCheckpoints(2);
      traffic.stop();
      job.awaitNoLag();
      last = job.stop();
      JsonNode stopped = audit(spec, "--savepoint", last);
      assertThat(stopped.path("inputs").asLong()).isEqualTo(traffic.sent());
      assertThat(stopped.path("undecided").asLong()).isZero();
      assertThat(stopped.path("answered").asLong() + stopped.path("held").asLong())
          .isEqualTo(traffic.sent());
    }
    Foresight.Result again = foresee(spec, last);
    assertThat(again.isClean()).isTrue();
    assertThat(again.suppressedAnswers()).isZero();
    Foresight.Result back = foresee(spec, first);
    assertThat(back.isClean()).isTrue();
    assertThat(back.suppressedAnswers()).isPositive();
    assertThat(back.replayedInputs()).isGreaterThanOrEqualTo(back.suppressedAnswers());
  }

  private TrafficRun traffic(JobTopics topics) {
    return TrafficRun.start(
        cluster.bootstrapServers(),
        new SeededTraffic(31, 100, Goal.LABELS),
        topics.events(),
        Long.MAX_VALUE,
        1_000);
  }

  private Foresight.Result foresee(JobSpec spec, String savepoint) throws Exception {
    SavedFence saved = Snapshot.open(savepoint).fence().orElseThrow();
    return Foresight.of(
        JobSettings.of(settings(spec)).fenceSettings(""),
        saved.note(),
        saved.open(),
        saved.ahead());
  }

  private Map<String, String> settings(JobSpec spec) {
    Map<String, String> settings = new HashMap<>();
    List<String> arguments = spec.arguments(cluster.bootstrapServers());
    for (int i = 0; i < arguments.size(); i += 2) {
      settings.put(arguments.get(i).substring("--".length()), arguments.get(i + 1));
    }
    return settings;
  }

  /** What the tool says of a clean world. */
  private JsonNode audit(JobSpec spec, String... more) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> line = new ArrayList<>(List.of("audit", "-o", "json"));
    line.addAll(List.of(more));
    line.addAll(spec.arguments(cluster.bootstrapServers()));
    int code =
        Sluice.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(line.toArray(String[]::new));
    assertThat(code).as(err + "" + out).isZero();
    return new ObjectMapper().readTree(out.toString());
  }
}

package dev.sluice.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.Eventually;
import dev.sluice.tool.services.ToolServices;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The course of a demo run, against a JobManager and a broker with given answers. */
class DemoRunTest {

  private static final String FIRST = "1".repeat(32);
  private static final String SECOND = "2".repeat(32);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final StringWriter said = new StringWriter();
  private final ExecutorService running = Executors.newSingleThreadExecutor();

  @Test
  void aJobManagerThatIsGoneIsWaitedForAndItsJobFollowed() throws Exception {
    try (CannedFlink flink = CannedFlink.start();
        CannedBroker broker =
            CannedBroker.start()
                .topic("events", new CannedLog())
                .topic("evaluations", new CannedLog())) {
      runs(flink, FIRST, 1);
      DemoRun run =
          new DemoRun(ToolServices.real(), settings(flink, broker), new PrintWriter(said, true));
      Future<Boolean> asAsked = running.submit(() -> run.run(Collections.emptyIterator()));
      awaitSaid("events/s");
      flink.elects(Integer.MAX_VALUE);
      awaitSaid("answered /jobs/" + FIRST + " with 503");
      awaitSaid("; what is fed to events waits there");
      int asked = flink.asked().size();
      Eventually.until("it asks on", LIMIT, () -> flink.asked().size() > asked + 1);
      assertThat(asAsked.isDone()).isFalse();

      flink.forget("/jobs/" + FIRST); // a JobManager without high availability has lost it
      runs(flink, SECOND, 2);
      flink.elects(0);
      awaitSaid("It continues as job " + SECOND);
      run.stop();
      assertThat(asAsked.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ended as asked").isTrue();
      assertThat(said.toString().split("waits there", -1)).as("it is said once").hasSize(2);
    } finally {
      running.shutdownNow();
    }
  }

  private void awaitSaid(String words) {
    Eventually.until("it says: " + words, LIMIT, () -> said.toString().contains(words));
  }

  private static void runs(CannedFlink flink, String job, int start) {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"RUNNING\",\"start-time\":%s}]}"
                .formatted(job, start))
        .tell(
            "/jobs/" + job,
            "{\"name\":\"j\",\"state\":\"RUNNING\",\"start-time\":%s,\"vertices\":[]}"
                .formatted(start))
        .tell("/jobs/" + job + "/checkpoints", "{\"latest\":{\"completed\":null},\"history\":[]}");
  }

  /** A terminal's line is refreshed each second. */
  private static DemoRun.Settings settings(CannedFlink flink, CannedBroker broker) {
    return new DemoRun.Settings(
        broker.client(), "events", "evaluations", flink.addresses(), FIRST, 1, null, true, 200);
  }
}

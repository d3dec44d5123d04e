package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.support.Eventually;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.UnfinishedStop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guard that starts with a real journal, at a JobManager with Flink's answers. */
class GuardAdoptionTest {

  private static final String LEFT = "0123456789abcdef0123456789abcdef";
  private static final String NEW = "f".repeat(32);

  @TempDir Path folder;

  @Test
  void aHealthyJobOfTheSameNameIsNotStoppedByAGuardThatStarts() throws Exception {
    try (CannedFlink flink = CannedFlink.start()) {
      flink
          .tell(
              "/jobs/overview",
              """
              {"jobs":[{"jid":"%s","name":"flights","state":"RUNNING","start-time":%s}]}
              """
                  .formatted(NEW, Instant.now().toEpochMilli()))
          .elects(1);
      leaveAStop(flink);
      GuardUnderTest.Options options = new GuardUnderTest.Options();
      options.rest = flink.addresses();
      options.journal = folder;
      options.adopts =
          policy ->
              UnfinishedStop.find(ToolServices.real(), policy)
                  .map(left -> listener -> left.goOn(policy, listener));
      try (GuardUnderTest guard = new GuardUnderTest(options)) {
        Eventually.until(
            "the stop that was left has come to its end",
            GuardUnderTest.PATIENCE.multipliedBy(6),
            () -> guard.status().at("/stop/outcome/outcome").asText().equals("broken-off"));
        assertThat(guard.status().at("/stop/cause").asText()).isEqualTo("an earlier guard");
        assertThat(guard.stop.starts()).as("stops of the job that runs").isZero();
      }
      assertThat(flink.asked()).noneMatch(asked -> asked.contains("/jobs/" + NEW));
      assertThat(flink.asked()).noneMatch(asked -> asked.startsWith("POST"));
    }
  }

  /** As a tool that was killed in its proof. */
  private void leaveAStop(CannedFlink flink) throws Exception {
    Files.writeString(
        folder.resolve(LEFT + ".json"),
        """
        {"version":3,"job":{"id":"%s","name":"flights","flinkVersion":"2.2.1","version":"1",
          "parallelism":2,"settings":{"sluice.sink.delivery-guarantee":"at-least-once"},
          "flink":{}},
         "triggerId":"%s","startedAt":"%s","drain":false,"nativeFormat":false,
         "savepoint":"file:/gone","jobStartedAt":"2026-11-01T12:00:00Z","attempt":0,
         "rest":["%s"]}
        """
            .formatted(LEFT, LEFT, Instant.now(), flink.addresses().get(0)));
  }
}

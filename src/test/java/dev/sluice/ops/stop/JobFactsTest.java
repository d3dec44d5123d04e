package dev.sluice.ops.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.flink.JobOverview;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From what a run began, as far as Flink tells it. */
class JobFactsTest {

  @TempDir Path folder;

  @Test
  void aRunWithoutARestoreBeganWithNothing() throws Exception {
    assertThat(restored("")).isEmpty();
  }

  @Test
  void aSavepointThatItWasStartedFromIsTold() throws Exception {
    assertThat(restored("file:/s/savepoint-1")).isEqualTo("file:/s/savepoint-1");
  }

  /** After a failure Flink tells the checkpoint that the tasks went on from. */
  @Test
  void ofARunThatHasGoneOnFromItsOwnCheckpointItIsNotKnown() throws Exception {
    assertThat(restored("file:/c/%s/chk-6".formatted(StopWorld.ID))).isNull();
  }

  private @Nullable String restored(String path) throws Exception {
    try (StopWorld world = StopWorld.in(folder)) {
      if (!path.isEmpty()) {
        world.flink.tell(
            StopWorld.JOB + "/checkpoints",
            "{\"latest\":{\"restored\":{\"id\":5,\"external_path\":\"%s\"}},\"history\":[]}"
                .formatted(path));
      }
      return JobFacts.of(
              new JobManager(world.flink.addresses(), Duration.ofSeconds(5)),
              new JobOverview(StopWorld.ID, "flights", "RUNNING", StopWorld.STARTED))
          .restored();
    }
  }
}

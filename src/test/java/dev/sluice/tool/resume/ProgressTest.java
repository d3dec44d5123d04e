package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.services.HandSetClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a resume says while it tries again. */
class ProgressTest {

  private static final String WAITS = "can't see yet whether there are any";

  private final List<String> said = new ArrayList<>();
  private final HandSetClock clock = new HandSetClock();
  private final Progress progress = new Progress(said::add, clock.time());

  @Test
  void whatIsTriedAgainIsSaidOnceAndThenEveryHalfMinute() {
    for (int second = 0; second < 60; second++) {
      progress.accept(WAITS);
      clock.pass(Duration.ofSeconds(1));
    }
    progress.accept("continues");
    assertThat(said).containsExactly(WAITS, "still " + WAITS, "continues");
  }

  @Test
  void whatIsLongIsShortened() {
    String text = "x".repeat(800);
    progress.accept(text);
    clock.pass(Duration.ofSeconds(30));
    progress.accept(text);
    assertThat(said).containsExactly(text, "still " + "x".repeat(100) + "…");
  }

  /** No one has taken the job's id: its checkpoints can't be searched. */
  @Test
  void aCheckpointDirectoryThatIsNotSeenHasItsOwnCode() throws Exception {
    try (CannedFlink flink = CannedFlink.start()) {
      JobManager jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(5));
      RetainedCheckpoints left =
          new RetainedCheckpoints(jobManager, progress, Duration.ofSeconds(20), clock.time());
      assertThatThrownBy(() -> left.newestOf("f".repeat(32)))
          .hasMessageContaining("can't be seen")
          .hasMessageEndingWith("[SLU-RESUME-CHECKPOINTS-UNSEEN]");
    }
    assertThat(said).as("asked every quarter of a second").hasSize(1);
  }
}

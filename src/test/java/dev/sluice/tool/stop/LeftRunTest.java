package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stop says of a savepoint and of a run that it has not seen to the end. */
class LeftRunTest {

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void beginAStop() throws Exception {
    world = StopWorld.in(folder);
    world.grace = Duration.ofSeconds(1);
    world.journal(Instant.now().toString(), StopWorld.STARTED);
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  /** Its checkpoints are newer than the savepoint of the run before. */
  @Test
  void aRunThatTookOverAndFailedIsNotResumedFromTheSavepointBefore() throws Exception {
    world.status(StopWorld.TRIGGER, StopWorld.running());
    String checkpoints = StopWorld.JOB + "/checkpoints";
    world.flink.tell(
        checkpoints,
        """
        {"latest":{},"history":[{"id":7,"status":"COMPLETED","is_savepoint":true,
           "checkpoint_type":"SYNC_SAVEPOINT","external_path":"file:/first"}]}
        """);
    world.flink.when(
        "GET " + checkpoints,
        unused -> {
          if (world.flink.asked().stream().filter(("GET " + checkpoints)::equals).count() > 1) {
            world.checkpoints("");
          } else {
            world.flink.forget(StopWorld.JOB + "/savepoints/" + StopWorld.TRIGGER);
            world.job("FAILED", Instant.now());
          }
        });
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isNotEqualTo(6);
    assertThat(outcome.text()).contains("is FAILED", "last checkpoint").doesNotContain("only");
  }

  @Test
  void aLostAnswerAtTheDeadlineIsNoSilence() {
    assertThat(FlinkStop.afterSaving("file:/s", "lost", Duration.ofSeconds(1)))
        .isEqualTo(new FlinkStopResult.Saved("file:/s", FlinkStopResult.JobEnd.RUNNING, "lost"));
    assertThat(FlinkStop.afterSaving("file:/s", "lost", Duration.ofSeconds(16)))
        .isEqualTo(new FlinkStopResult.Saved("file:/s", FlinkStopResult.JobEnd.UNANSWERED, "lost"));
  }

  @Test
  void aRehearsalOfAStopThatGoesOnMakesNoPreflight() throws Exception {
    assertThat(GracefulStop.rehearse(ToolServices.real(), world.policy()))
        .contains("would continue the stop of job (flights)");
  }

  /** A request that got lost, and no answer since: nothing says that Flink is at a savepoint. */
  @Test
  void aRequestThatNeverArrivedLeavesNoSavepointToWaitFor() throws Exception {
    world.goes(StopWorld.running());
    world.flink.forget(StopWorld.JOB + "/stop");
    world.flink.when("POST " + StopWorld.JOB + "/stop", unused -> {});
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).doesNotContain("Flink continues the savepoint");
  }

  @Test
  void aReceiptThatWasResumedSinceDoesNotAnswerForTheJobOfToday() throws Exception {
    world.status(StopWorld.TRIGGER, world.saved());
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    Path file = world.receipts().get(0);
    Receipt.Resumption resumed =
        new Receipt.Resumption(
            Instant.now(), "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.RUNS);
    ReceiptFile.write(file, ReceiptFile.read(file).with(resumed), ReceiptKeys.NONE);
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(outcome.text()).contains("the job was resumed, at");
  }

  @Test
  void anOlderSavepointOfTheJobIsNotThisStops() throws Exception {
    world.journal("2026-11-01T13:00:00Z", StopWorld.STARTED, null, false, "file:/first", null);
    world.checkpoints(
        """
        {"id":7,"status":"COMPLETED","is_savepoint":true,
         "checkpoint_type":"SYNC_SAVEPOINT","external_path":"file:/first"}
        """);
    world.goes(StopWorld.running());
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(world.triggers).hasSize(1);
    assertThat(Journal.peek(world.stops, StopWorld.ID).orElseThrow().savepoint()).isNull();
  }
}

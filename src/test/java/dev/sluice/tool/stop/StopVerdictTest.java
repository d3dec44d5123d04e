package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop says of the job only what it has seen. */
class StopVerdictTest {

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void runAJob() throws Exception {
    world = StopWorld.in(folder);
    world.journal(Instant.now().toString(), StopWorld.STARTED);
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void anErrorAfterTheRequestDoesNotSayThatNothingChanged() throws Exception {
    world.goes(world.saved().replace(world.savepoint, "file:no way"));
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains("Whether the job still runs is not known");
    assertThat(world.journal()).as("the same command can continue").exists();
  }

  @Test
  void aSavepointCompletedByTheCancelIsResumedFrom() throws Exception {
    world.grace = Duration.ofSeconds(1);
    world.onTimeout = OnTimeout.CHECKPOINT;
    world.goes(StopWorld.running());
    world.flink.when(
        "PATCH " + StopWorld.JOB,
        unused -> {
          world.state("CANCELED");
          world.status(
              StopWorld.TRIGGER,
              StopWorld.failed(
                  ("StopWithSavepointStoppingException: A savepoint has been created at: %s, but the corresponding "
                          + "job 0 didn't terminate successfully")
                      .formatted(world.savepoint)));
        });
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(6);
    Receipt receipt = outcome.written().receipt();
    assertThat(Objects.requireNonNull(receipt.snapshot()).kind()).isEqualTo("savepoint");
    assertThat(outcome.text()).contains(folder.resolve("savepoint").toString());
  }

  @Test
  void aJobThatIsCancelledBeforeItsSavepointIsCompleteIsEscalated() throws Exception {
    world.grace = Duration.ofSeconds(1);
    world.onTimeout = OnTimeout.CANCEL;
    world.goes(StopWorld.running());
    world.flink.when(
        "PATCH " + StopWorld.JOB,
        unused -> {
          world.state("CANCELED");
          world.status(StopWorld.TRIGGER, StopWorld.failed("the job was cancelled"));
        });
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(3);
  }

  @Test
  void aFlinkThatFallsSilentIsNotSaidToRunTheJob() throws Exception {
    world.grace = Duration.ofSeconds(1);
    world.goes(StopWorld.running());
    world.flink.when("POST " + StopWorld.JOB + "/stop", unused -> world.flink.elects(10_000));
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text())
        .contains("Whether the job still runs is not known")
        .doesNotContain("the job still runs (");
  }

  @Test
  void aFlinkThatIsGoneLeavesAnUnfinishedStopUnknown() throws Exception {
    world.grace = Duration.ofSeconds(1);
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains("Whether the job still runs is not known");
  }

  @Test
  void aClockThatIsFastDoesNotMakeTheLastCheckpointOld() throws Exception {
    Files.delete(world.journal());
    Instant there = Instant.now().minus(Duration.ofHours(2));
    world
        .flink
        .tell(
            StopWorld.JOB,
            """
            {"state":"RUNNING","now":%s,"vertices":[
              {"id":"a1","name":"Source: events","parallelism":2,"status":"RUNNING"}]}
            """
                .formatted(there.toEpochMilli()))
        .tell(
            StopWorld.JOB + "/checkpoints",
            """
            {"latest":{"completed":{"id":6,"latest_ack_timestamp":%s,"external_path":"file:/c"}},
             "history":[]}
            """
                .formatted(there.minusSeconds(20).toEpochMilli()));
    assertThat(world.stop().text()).contains("the brokers at no-port can't be asked");
  }
}

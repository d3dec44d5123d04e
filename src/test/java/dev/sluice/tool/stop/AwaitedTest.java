package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.HandSetClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code sluice wait} says, and of which run a receipt counts. */
class AwaitedTest {

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void startTheJob() throws Exception {
    world = StopWorld.in(folder);
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void aCheckpointThatHasNotComeIsNamed() throws Exception {
    world.flink.tell(StopWorld.JOB + "/checkpoints", "{\"latest\":{},\"history\":[]}");
    Awaited.Result late = await(Awaited.CHECKPOINT);
    assertThat(late.end()).isEqualTo(Awaited.End.LATE);
    assertThat(late.text())
        .contains("(flights), RUNNING, does not run with a completed checkpoint");

    world.checkpoints("");
    Awaited.Result reached = await(Awaited.CHECKPOINT);
    assertThat(reached.end()).isEqualTo(Awaited.End.REACHED);
    assertThat(reached.text()).contains("is RUNNING, its last checkpoint is 6");

    world.state("FAILED");
    Awaited.Result never = await(Awaited.CHECKPOINT);
    assertThat(never.end()).isEqualTo(Awaited.End.NEVER);
    assertThat(never.text()).contains("is FAILED, and completes no checkpoint any more");
  }

  /** As of a newer tool, or of another user. */
  @ParameterizedTest
  @EnumSource(Awaited.class)
  void aReceiptThatCanNotBeReadFailsNoWaitThatFlinkAnswers(Awaited what) throws Exception {
    Path receipt = Files.writeString(folder.resolve("newer.json"), "{\"receiptVersion\":99}");
    world.journal(
        Instant.now().toString(),
        StopWorld.STARTED,
        null,
        false,
        world.savepoint,
        receipt.toString());
    if (what == Awaited.OVER || what == Awaited.STOPPED) {
      world.state("FINISHED");
    }
    Awaited.Result result = await(what);
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.REACHED);
  }

  /** The JobManager ends with its job, and the journal has the stop of a run before that one. */
  @Test
  void theReceiptOfAnotherRunThanTheOneThatWasSeenIsNotWaitedFor() throws Exception {
    StopResult stopped = stop();
    assertThat(stopped.kind()).as(stopped.text()).isEqualTo(StopResult.Kind.PROVED);
    world.job("RUNNING", StopWorld.STARTED.plusSeconds(60));
    forgetsAfterTheFirstLook();
    assertThat(await(Awaited.STOPPED).end()).isEqualTo(Awaited.End.UNANSWERED);

    world.job("RUNNING", StopWorld.STARTED);
    forgetsAfterTheFirstLook();
    assertThat(await(Awaited.STOPPED).end()).isEqualTo(Awaited.End.REACHED);
  }

  private StopResult stop() throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.state("FINISHED");
    world.status(StopWorld.TRIGGER, world.saved());
    return world.stop();
  }

  private void forgetsAfterTheFirstLook() {
    world.flink.when(
        "GET " + StopWorld.JOB + "/status",
        unused -> world.flink.tell("/jobs/overview", "{\"jobs\":[]}"));
  }

  private Awaited.Result await(Awaited what) throws Exception {
    return what.await(
        new HandSetClock().services(),
        world.flink.addresses(),
        "flights",
        world.stops,
        Duration.ofSeconds(2));
  }
}

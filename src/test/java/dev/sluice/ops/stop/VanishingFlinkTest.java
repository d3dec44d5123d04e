package dev.sluice.ops.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ops.receipt.Receipt;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop whose savepoint is complete, and a JobManager that is gone with its job, or seems so. */
class VanishingFlinkTest {

  private static final String NOT_TOLD = "that the job has ended";

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void saveAJob() throws Exception {
    world = StopWorld.in(folder);
    world.grace = Duration.ofSeconds(1);
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void whatFilesAndBrokersTellIsProvedAndTheRestWhenFlinkAnswers() throws Exception {
    journal();
    world.flink.elects(10_000);
    StopOutcome silent = world.stop();
    assertThat(silent.exitCode()).as(silent.text()).isEqualTo(5);
    Receipt receipt = ((StopOutcome.Unproved) silent).receipt();
    assertThat(receipt.problems())
        .singleElement()
        .asString()
        .contains(NOT_TOLD + " can't be told", "503");
    assertThat(receipt.models()).as("the savepoint was read").isNotNull();

    world.flink.elects(0);
    StopOutcome told = world.stop();
    assertThat(told).as(told.text()).isInstanceOf(StopOutcome.Proved.class);
    assertThat(world.receipts()).hasSize(1);
  }

  @Test
  void anotherJobManagerMayHaveRecoveredTheJob() throws Exception {
    world.guarantee = "exactly-once";
    world.highAvailability = true;
    journal();
    world.flink.close();
    StopOutcome outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(5);
    assertThat(outcome.text()).contains("another JobManager may have recovered it");
  }

  @Test
  void withoutHighAvailabilityTheBrokersTellTheEnd() throws Exception {
    world.guarantee = "exactly-once";
    world.highAvailability = false;
    journal();
    world.flink.close();
    StopOutcome outcome = world.stop();
    Receipt receipt = ((StopOutcome.Unproved) outcome).receipt();
    assertThat(receipt.problems())
        .as("these brokers can't be asked")
        .singleElement()
        .asString()
        .contains("no-port");
    assertThat(receipt.warnings()).anyMatch(warning -> warning.startsWith(NOT_TOLD));
  }

  @Test
  void aJobThatTheJobManagerNoLongerKnowsIsProvedToo() throws Exception {
    journal();
    world.flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"other\",\"state\":\"RUNNING\",\"start-time\":0}]}"
            .formatted("f".repeat(32)));
    StopOutcome outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(5);
    assertThat(outcome.text()).contains(NOT_TOLD, "there is no job (flights)");
  }

  @Test
  void aFlinkThatIsGoneAfterTheProofLeavesTheReceiptToBeNamed() throws Exception {
    journal();
    assertThat(world.stop()).isInstanceOf(StopOutcome.Proved.class);
    world.flink.close();
    StopOutcome outcome = world.stop();
    assertThat(outcome).as(outcome.text()).isInstanceOf(StopOutcome.NothingChanged.class);
    assertThat(outcome.text())
        .contains("does not answer", "is over: see " + world.receipts().get(0));
  }

  @Test
  void otherFlagsAreRefusedWithoutFlinkToo() throws Exception {
    world.drain = true;
    journal();
    world.flink.close();
    StopOutcome outcome = world.stop();
    assertThat(outcome).as(outcome.text()).isInstanceOf(StopOutcome.NothingChanged.class);
    assertThat(outcome.text()).contains("without --drain, this one with it");
  }

  @Test
  void aGuardTakesUpAStopThatNeedsNoFlink() throws Exception {
    journal();
    world.flink.close();
    assertThat(GracefulStop.inFlight(world.policy())).isTrue();
  }

  private void journal() throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED, null, false, world.savepoint, null);
  }
}

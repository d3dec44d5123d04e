package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.FlakyFiles;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A savepoint that was resumed elsewhere, which only the copy next to it records. */
class ResumedBesideTest {

  private static final int ALWAYS = 100_000;
  private static final Receipt.Resumption RESUMED =
      new Receipt.Resumption(
          Instant.parse("2026-11-22T12:00:00.000Z"),
          "f".repeat(32),
          2,
          0L,
          0,
          Receipt.Resumption.State.RUNS);

  @TempDir Path folder;

  private StopWorld world;
  private Path sibling = Path.of("");

  @BeforeEach
  void stopAJob() throws Exception {
    world = StopWorld.in(folder);
    world.patience = Duration.ofMillis(300);
    Path savepoint = folder.resolve("savepoint").toAbsolutePath();
    sibling = savepoint.resolve(ReceiptFile.COPY_NAME);
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.state("FINISHED");
    world.status(
        StopWorld.TRIGGER, world.saved().replace(world.savepoint, FlakyFiles.uri(savepoint)));
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void theSameStopDoesNotProveItAgain() throws Exception {
    failToProve();
    resumeElsewhere();
    StopResult outcome = world.stop();
    assertNotProvedAgain(outcome);
    assertThat(ReceiptFile.read(world.receipts().get(0)).resumptions())
        .as("what the stop has learned of")
        .containsExactly(RESUMED);
    StopResult second = world.stop();
    assertThat(second.kind()).as(second.text()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(ReceiptFile.read(sibling).resumptions()).containsExactly(RESUMED);
  }

  @Test
  void verifyDoesNotProveItAgain() throws Exception {
    failToProve();
    resumeElsewhere();
    Path file = world.receipts().get(0);
    assertNotProvedAgain(
        Reproof.of(
            ToolServices.real(),
            file,
            ReceiptFile.read(file),
            StopWorld.NOWHERE,
            Map.of(),
            new KnownPlaces(Map.of(), Map.of(), world.stops),
            world.patience,
            ReceiptKeys.NONE,
            event -> {}));
  }

  /** As of a tool that was killed before its receipt was there, whose stop another one ended. */
  @Test
  void aStopWithoutAReceiptIsNotProvedOnceTheSavepointWasResumed() throws Exception {
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    resumeElsewhere();
    Files.delete(world.receipts().get(0));
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    assertNotProvedAgain(world.stop());
  }

  @Test
  void aCopyThatCannotBeReadIsNotReplaced() throws Exception {
    failToProve();
    resumeElsewhere();
    FlakyFiles.failsToRead(sibling, ALWAYS);
    StopResult outcome = world.stop();
    FlakyFiles.failsToRead(sibling, 0);
    assertThat(ReceiptFile.read(sibling).resumptions()).as(outcome.text()).contains(RESUMED);
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.text()).contains("was resumed from", "is not known: ");
  }

  /** Negative control: a copy that records no resumption hinders no proof. */
  @Test
  void aCopyWithoutAResumptionIsReplacedByTheSecondProof() throws Exception {
    failToProve();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(ReceiptFile.read(sibling).outcome()).isEqualTo(StopResult.Kind.PROVED);
  }

  private void failToProve() throws Exception {
    Path state = state();
    FlakyFiles.failsToRead(state, ALWAYS);
    StopResult first = world.stop();
    FlakyFiles.failsToRead(state, 0);
    assertThat(first.kind()).as(first.text()).isEqualTo(StopResult.Kind.UNPROVED);
  }

  private Path state() throws Exception {
    try (Stream<Path> files = Files.list(sibling.getParent())) {
      return files.filter(file -> !file.endsWith("_metadata")).sorted().toList().get(0);
    }
  }

  private void resumeElsewhere() throws Exception {
    ReceiptFile.write(sibling, ReceiptFile.read(sibling).with(RESUMED), ReceiptKeys.NONE);
  }

  private void assertNotProvedAgain(StopResult outcome) throws Exception {
    assertThat(ReceiptFile.read(sibling).resumptions())
        .as("the copy next to the savepoint, after: %s", outcome.text())
        .containsExactly(RESUMED);
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.text()).contains("was resumed", RESUMED.jobId());
  }
}

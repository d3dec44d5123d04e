package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoldenSavepointTest {

  @Test
  void aRealSavepointReadsAsItDidWhenItWasWritten() throws Exception {
    Snapshot snapshot = Snapshot.open(GoldenSavepoint.DIRECTORY.toString());
    assertThat(SnapshotText.of(snapshot)).isEqualTo(GoldenSavepoint.expected());
  }

  /** So that a savepoint without the thing itself does not hide that it can't be read. */
  @Test
  void theRealSavepointHoldsSomethingOfEverything() throws Exception {
    Snapshot snapshot = Snapshot.open(GoldenSavepoint.DIRECTORY.toString());
    assertThat(snapshot.kind()).isEqualTo(Kind.STOPPED);
    assertThat(snapshot.sourceOffsets())
        .hasSize(2)
        .allSatisfy((p, o) -> assertThat(o).isPositive());
    assertThat(snapshot.committables()).isNotEmpty();
    Snapshot.SavedFence fence = snapshot.fence().orElseThrow();
    assertThat(fence.note().checkpointId()).isEqualTo(snapshot.checkpointId());
    assertThat(fence.open()).isNotEmpty();
    assertThat(Challengers.of(snapshot).champion()).isPresent();
    ModelCheck check = snapshot.models().check();
    assertThat(check.problems()).isEmpty();
    assertThat(check.totals().updates()).isPositive();
    assertThat(check.totals().pendingObservations()).isPositive();
    assertThat(check.totals().waitingOutcomes()).isPositive();
    assertThat(check.held().size()).isEqualTo(check.totals().waitingOutcomes());
    long answeredOrHeld =
        check.totals().predictions()
            + check.totals().evaluations()
            + check.totals().waitingOutcomes();
    assertThat(snapshot.sourceOffsets().values().stream().mapToLong(Long::longValue).sum())
        .as("no input is unaccounted for")
        .isEqualTo(answeredOrHeld);
    assertThat(SnapshotFiles.check(snapshot).problems()).isEmpty();
  }
}

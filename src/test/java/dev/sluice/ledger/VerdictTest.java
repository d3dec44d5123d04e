package dev.sluice.ledger;

import static dev.sluice.ledger.OriginSetTest.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.support.ledger.LedgerValues;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VerdictTest {

  private static final Origin A = new Origin("t", 0, 1);
  private static final Origin B = new Origin("t", 0, 2);
  private static final Origin C = new Origin("t", 1, 1L << 33);

  @Test
  void anAnswerThatAnotherSubtaskReadIsNotMissing() {
    Verdict verdict = verdict(report(set(), new OpenInterval(3, set(A))), report(set(A)));

    assertThat(verdict.missing()).isEmpty();
    assertThat(verdict.ahead().isEmpty()).isTrue();
    assertThat(verdict.allMissing().isEmpty()).isTrue();
  }

  @Test
  void missingAnswersAreNamedByTheSnapshotThatEndsTheirInterval() {
    Verdict verdict =
        verdict(
            report(set(A), new OpenInterval(3, set(A, B))),
            report(set(), new OpenInterval(4, set(C)), new OpenInterval(3, set())));

    assertThat(verdict.missing()).isEqualTo(Map.of(3L, set(B), 4L, set(C)));
    assertThat(verdict.allMissing()).isEqualTo(set(B, C));
  }

  @Test
  void committedBeyondTheIntervalsIsAheadAndIsReplayed() {
    Verdict verdict = verdict(report(set(A, B), new OpenInterval(3, set(A))), report(set(C)));

    assertThat(verdict.ahead()).isEqualTo(set(B, C));
    assertThat(verdict.replayed()).isEqualTo(1);
  }

  @Test
  void problemsOfAllAreListed() {
    FenceNote note = FenceNoteTest.note(1, true, Map.of(), Map.of());
    Verdict verdict =
        verdict(
            LedgerValues.report(note, List.of(), set(), List.of("one", "two")),
            LedgerValues.report(note, List.of(), set(), List.of("three")));

    assertThat(verdict.problems()).containsExactly("one", "two", "three");
  }

  /** The fence's limit: what was reported to it as committed is never asked for again. */
  @Test
  void aCommitDroppedWhileTheJobRunsIsFoundFromItsOwnSnapshotOnly() {
    Fence fence = new Fence(0, set(), true, Map.of());
    fence.passes(A);
    List<OpenInterval> first = fence.snapshot(1);
    fence.settled(1);
    List<OpenInterval> second = fence.snapshot(2);

    assertThat(verdict(report(set(), first)).allMissing()).isEqualTo(set(A));
    assertThat(verdict(report(set(), second)).missing()).isEmpty();
  }

  private static Verdict verdict(FenceReport... reports) {
    return Verdict.of(List.of(reports));
  }

  private static FenceReport report(OriginSet committed, OpenInterval... open) {
    FenceNote note = FenceNoteTest.note(1, true, Map.of(), Map.of(new Partition("t", 0), 2L));
    return LedgerValues.report(
        note, open.length == 0 ? List.of() : Stream.of(open).toList(), committed, List.of());
  }

  private static FenceReport report(OriginSet committed, List<OpenInterval> open) {
    return report(committed, open.toArray(OpenInterval[]::new));
  }
}

package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.Verdict;
import dev.sluice.support.ledger.LedgerValues;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RestorePreviewTest {

  private static final Partition INPUT = new Partition("events", 0);
  private static final Partition OUTPUT = new Partition("predictions", 0);
  private static final SortedMap<Partition, String> READ_TO_THE_END = new TreeMap<>();

  @Test
  void anOutputThatEndsWithTheSnapshotReplaysNothing() {
    RestorePreview.Result result =
        RestorePreview.result(verdict(99, range(50, 99), set()), READ_TO_THE_END);

    assertThat(result.isClean()).isTrue();
    assertThat(result.suppressedAnswers()).isZero();
  }

  @Test
  void whatWasAnsweredSinceIsSuppressed() {
    OriginSet ahead = range(100, 149);
    ahead.addAll(range(160, 169));

    RestorePreview.Result result =
        RestorePreview.result(verdict(99, ahead, set()), READ_TO_THE_END);

    assertThat(result.suppressedAnswers()).isEqualTo(60);
  }

  @Test
  void whatAnEarlierRestoreFoundAheadCountsOnce() {
    RestorePreview.Result result =
        RestorePreview.result(
            holding(verdict(99, range(100, 109), set()), range(105, 119)), READ_TO_THE_END);

    assertThat(result.suppressedAnswers()).isEqualTo(20);
  }

  @Test
  void whereNothingWasSeenOnlyWhatIsThereCounts() {
    RestorePreview.Result result =
        RestorePreview.result(verdict(-1, range(1000, 1009), set()), READ_TO_THE_END);

    assertThat(result.suppressedAnswers()).isEqualTo(10);
  }

  @Test
  void missingAnswersAreUndecidedWhileATransactionIsOpen() {
    Verdict verdict = verdict(99, set(), range(90, 99));
    RestorePreview.Result lost = RestorePreview.result(verdict, READ_TO_THE_END);
    RestorePreview.Result open =
        RestorePreview.result(verdict, new TreeMap<>(Map.of(OUTPUT, "transaction (sluice-0-1)")));

    assertThat(lost.isClean()).isFalse();
    assertThat(lost.isUndecided()).isFalse();
    assertThat(open.isUndecided()).isTrue();
  }

  @Test
  void deletedOutputIsNotCleanAndNoWaitingHeals() {
    Verdict verdict =
        LedgerValues.verdict(
            note(99), new TreeMap<>(), set(), 0, List.of("its records are deleted"));
    RestorePreview.Result result =
        RestorePreview.result(verdict, new TreeMap<>(Map.of(OUTPUT, "transaction (x)")));

    assertThat(result.isClean()).isFalse();
    assertThat(result.isUndecided()).isFalse();
  }

  private static Verdict verdict(long passed, OriginSet ahead, OriginSet missing) {
    FenceNote note = note(passed);
    SortedMap<Long, OriginSet> bySnapshot = new TreeMap<>();
    if (!missing.isEmpty()) {
      bySnapshot.put(7L, missing);
    }
    return LedgerValues.verdict(note, bySnapshot, ahead, ahead.sizeAbove(note.passed()), List.of());
  }

  private static FenceNote note(long passed) {
    SortedMap<Partition, Long> seen = new TreeMap<>();
    if (passed >= 0) {
      seen.put(INPUT, passed);
    }
    return new FenceNote("0".repeat(32), 7, 6, true, new TreeMap<>(), seen);
  }

  private static OriginSet set() {
    return new OriginSet();
  }

  private static OriginSet range(long first, long last) {
    OriginSet set = new OriginSet();
    set.addRange(INPUT.topic(), INPUT.partition(), first, last);
    return set;
  }

  /** The same restore from a snapshot that holds answers as ahead itself. */
  private static Verdict holding(Verdict verdict, OriginSet restored) {
    OriginSet all = verdict.ahead().copy();
    all.addAll(restored);
    return new Verdict(
        verdict.note(),
        verdict.missing(),
        verdict.ahead(),
        verdict.replayed(),
        AheadAnswers.of(all),
        new FenceReport.Foreign(0, List.of()),
        verdict.problems());
  }
}

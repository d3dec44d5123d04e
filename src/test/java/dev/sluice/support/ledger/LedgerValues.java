package dev.sluice.support.ledger;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Verdict;
import java.util.List;
import java.util.SortedMap;

/** Values of the ledger whose other parts are empty. */
public final class LedgerValues {

  private LedgerValues() {}

  /** Of a subtask that reports its share only. */
  public static FenceReport report(
      FenceNote note, List<OpenInterval> open, OriginSet committed, List<String> problems) {
    return new FenceReport(
        note,
        open,
        AheadAnswers.of(committed),
        new AheadAnswers(),
        new FenceReport.Foreign(0, List.of()),
        problems);
  }

  /** Of a restore with nothing but what it found itself. */
  public static Verdict verdict(
      FenceNote note,
      SortedMap<Long, OriginSet> missing,
      OriginSet ahead,
      long replayed,
      List<String> problems) {
    return new Verdict(
        note,
        missing,
        ahead,
        replayed,
        AheadAnswers.of(ahead),
        new FenceReport.Foreign(0, List.of()),
        problems);
  }
}

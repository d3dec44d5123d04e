package dev.sluice.ledger;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What all subtasks found together after a restore.
 *
 * @param note merged over all subtasks of the snapshot
 * @param missing origins that the snapshot counts as answered and whose answer was never committed,
 *     by the snapshot that ends their interval
 * @param ahead origins that are committed and that the snapshot does not count as just answered:
 *     all that were answered after it, and maybe some that were long before it, which never come
 *     again
 * @param replayed how many of {@code ahead} are surely answered after the snapshot
 * @param suppressed {@code ahead} and what the snapshot itself holds as ahead: what is not given
 *     again
 * @param foreign committed records that no attempt of the job can have written; in none of the sets
 * @param problems why the output can't be trusted, one sentence each
 */
public record Verdict(
    FenceNote note,
    SortedMap<Long, OriginSet> missing,
    OriginSet ahead,
    long replayed,
    AheadAnswers suppressed,
    FenceReport.Foreign foreign,
    List<String> problems) {

  public OriginSet allMissing() {
    OriginSet all = new OriginSet();
    missing.values().forEach(all::addAll);
    return all;
  }

  /** Whether the job may run from the snapshot: its output is whole as far as it counts. */
  public boolean isClean() {
    return problems.isEmpty() && missing.isEmpty();
  }

  /** Compares what is committed with what the snapshot says. */
  static Verdict of(List<FenceReport> reports) {
    AheadAnswers committed = new AheadAnswers();
    reports.forEach(report -> committed.addAll(report.committed()));
    SortedMap<Long, OriginSet> missing = new TreeMap<>();
    OriginSet ahead = committed.origins().copy();
    for (FenceReport report : reports) {
      for (OpenInterval interval : report.open()) {
        ahead.removeAll(interval.answered());
        OriginSet lost = interval.answered().copy();
        lost.removeAll(committed.origins());
        if (!lost.isEmpty()) {
          missing.computeIfAbsent(interval.checkpointId(), id -> new OriginSet()).addAll(lost);
        }
      }
    }
    FenceNote note = FenceNote.merge(reports.stream().map(FenceReport::note).toList());
    AheadAnswers suppressed = new AheadAnswers(ahead.copy(), committed.journal());
    reports.forEach(report -> suppressed.addAll(report.restored()));
    return new Verdict(
        note,
        missing,
        ahead.compress(),
        ahead.sizeAbove(note.passed()),
        suppressed.compress(),
        foreign(reports),
        reports.stream().flatMap(r -> r.problems().stream()).toList());
  }

  private static FenceReport.Foreign foreign(List<FenceReport> reports) {
    return new FenceReport.Foreign(
        reports.stream().mapToLong(report -> report.foreign().records()).sum(),
        reports.stream()
            .flatMap(report -> report.foreign().examples().stream())
            .limit(10)
            .toList());
  }
}

package dev.sluice.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the subtasks of a restored fence meet: none passes an answer before all have read their
 * share of the output, so that none reads what another has just begun to write. Used by one thread.
 */
public final class RestoreBarrier {

  private final List<@Nullable FenceReport> arrived = new ArrayList<>();
  private @Nullable Verdict verdict;

  /**
   * An empty meeting.
   *
   * @param subtasks how many have to come
   */
  public RestoreBarrier(int subtasks) {
    for (int i = 0; i < subtasks; i++) {
      arrived.add(null);
    }
  }

  /** A subtask has read its share. */
  public void arrive(int subtask, FenceReport report) {
    arrived.set(subtask, report);
  }

  /** A subtask was lost, and with it what it has read: it or another has to report again. */
  public void leave(int subtask) {
    arrived.set(subtask, null);
    verdict = null;
  }

  /** What they found, once all are here; null before. */
  public @Nullable Verdict verdict() {
    if (verdict == null && arrived.stream().allMatch(report -> report != null)) {
      List<FenceReport> reports = new ArrayList<>();
      for (FenceReport report : arrived) {
        if (report != null) {
          reports.add(report);
        }
      }
      verdict = Verdict.of(reports);
    }
    return verdict;
  }
}

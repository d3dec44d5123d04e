package dev.sluice.fence;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the sources pass what was committed beyond the snapshot.
 *
 * <p>It is over when one checkpoint finds that every partition's highest offset that is ahead was
 * answered or suppressed before the checkpoint's barrier. A source emits a partition's records in
 * order, so all below were emitted before that barrier, too, and every subtask has processed its
 * own of them when it has the barrier. From then on no input comes whose answer is ahead, but for
 * one that waits for its other half.
 */
final class CatchUpProgress {

  private static final Logger LOG = LoggerFactory.getLogger(CatchUpProgress.class);

  private final int subtasks;
  private final SortedMap<Partition, Long> highest;
  private final long began = System.nanoTime();

  private final Map<Integer, FenceNote> notes = new HashMap<>();
  private final Map<Integer, Long> suppressed = new HashMap<>();
  private boolean over;

  CatchUpProgress(int subtasks, Verdict verdict) {
    this.subtasks = subtasks;
    OriginSet ahead = verdict.suppressed().origins();
    this.highest = ahead.highest();
    this.over = ahead.sizeAbove(verdict.note().passed()) == 0;
  }

  /** Takes a subtask's note; whether it is over. */
  boolean over(int subtask, FenceNote note, long count) {
    notes.put(subtask, note);
    suppressed.put(subtask, count);
    if (!over && haveAllComeTo(note.checkpointId()) && passed()) {
      over = true;
      LOG.info(
          "Restore fence: the sources have passed all that was committed beyond the snapshot, after {} s:"
              + " {} answers were not given again",
          (System.nanoTime() - began) / 1_000_000_000L,
          suppressed.values().stream().mapToLong(Long::longValue).sum());
    }
    return over;
  }

  boolean isOver() {
    return over;
  }

  private boolean haveAllComeTo(long checkpointId) {
    return notes.size() == subtasks
        && notes.values().stream().allMatch(note -> note.checkpointId() >= checkpointId);
  }

  /** One subtask that has seen the highest is enough: its barrier came behind it to all. */
  private boolean passed() {
    FenceNote all = FenceNote.merge(notes.values());
    return highest.entrySet().stream()
        .allMatch(e -> all.passed().getOrDefault(e.getKey(), -1L) >= e.getValue());
  }
}

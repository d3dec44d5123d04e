package dev.sluice.job.fence;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the sources pass what was committed beyond the snapshot, to tell people when it is over.
 * For people only: no answer depends on it.
 */
final class Passage {

  private static final Logger LOG = LoggerFactory.getLogger(Passage.class);

  private final int subtasks;
  private final SortedMap<Partition, Long> highest;
  private final long began = System.nanoTime();

  private final Map<Integer, FenceNote> notes = new HashMap<>();
  private final Map<Integer, Long> suppressed = new HashMap<>();
  private boolean over;

  Passage(int subtasks, Verdict verdict) {
    this.subtasks = subtasks;
    this.highest = verdict.ahead().highest();
    this.over = verdict.replayed() == 0;
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

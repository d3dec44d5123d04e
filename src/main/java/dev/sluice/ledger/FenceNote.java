package dev.sluice.ledger;

import java.util.Collection;
import java.util.Iterator;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one subtask's fence notes in a snapshot, besides its open intervals.
 *
 * @param jobId the job, as Flink names it, 32 hexadecimal digits
 * @param checkpointId the snapshot
 * @param settledId the last snapshot before it that is known to be complete, its answers committed;
 *     0 for none
 * @param tracked whether the open intervals are all there; false for a run with the fence off
 * @param stableEnds for each output partition an offset below which every transaction had ended by
 *     the time of the snapshot: the last stable offset or less
 * @param passed for each input partition the highest offset that was answered by this subtask, or
 *     suppressed, or noted by the snapshot that it was restored from
 */
public record FenceNote(
    String jobId,
    long checkpointId,
    long settledId,
    boolean tracked,
    SortedMap<Partition, Long> stableEnds,
    SortedMap<Partition, Long> passed) {

  /**
   * What holds for all subtasks: an output partition that one of them did not know yet counts from
   * its beginning.
   *
   * @param notes of all subtasks of one snapshot, at least one
   */
  public static FenceNote merge(Collection<FenceNote> notes) {
    Iterator<FenceNote> each = notes.iterator();
    FenceNote merged = each.next();
    while (each.hasNext()) {
      merged = merged.with(each.next());
    }
    return merged;
  }

  private FenceNote with(FenceNote other) {
    SortedMap<Partition, Long> ends = new TreeMap<>(stableEnds);
    ends.replaceAll((p, end) -> Math.min(end, other.stableEnds.getOrDefault(p, 0L)));
    other.stableEnds.keySet().forEach(p -> ends.putIfAbsent(p, 0L));
    SortedMap<Partition, Long> highest = new TreeMap<>(passed);
    other.passed.forEach((p, offset) -> highest.merge(p, offset, Math::max));
    return new FenceNote(
        jobId,
        checkpointId,
        Math.min(settledId, other.settledId),
        tracked && other.tracked,
        ends,
        highest);
  }

  /** Where to begin to read an output partition. */
  public long stableEnd(Partition output) {
    return stableEnds.getOrDefault(output, 0L);
  }
}

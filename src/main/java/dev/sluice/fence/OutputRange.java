package dev.sluice.fence;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which part of the output a subtask reads on a restore, and whether it is still all there.
 *
 * @param from the first offset of each partition
 * @param to where it ends, exclusive, of the same partitions
 * @param problems partitions with deleted records, one sentence each
 */
record OutputRange(
    SortedMap<Partition, Long> from, SortedMap<Partition, Long> to, List<String> problems) {

  /**
   * The share of one subtask. Which partition is whose depends on nothing that two subtasks may see
   * differently, as the number of partitions.
   *
   * @param note what the snapshot says
   * @param beginnings the first offset that is still there, of each output partition
   * @param ends the high watermark of each
   */
  static OutputRange share(
      int subtask,
      int subtasks,
      FenceNote note,
      SortedMap<Partition, Long> beginnings,
      SortedMap<Partition, Long> ends) {
    SortedMap<Partition, Long> from = new TreeMap<>();
    SortedMap<Partition, Long> to = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    ends.forEach(
        (p, end) -> {
          if (Math.floorMod(31 * p.topic().hashCode() + p.partition(), subtasks) == subtask) {
            long noted = note.stableEnd(p);
            long beginning = beginnings.getOrDefault(p, 0L);
            if (beginning > noted) {
              problems.add(
                  "%s was noted at offset %s, but its records below %s are deleted (retention)"
                      .formatted(p, noted, beginning));
            } else if (end < noted) {
              problems.add(
                  "%s was noted at offset %s, but ends at %s: the topic was created again"
                      .formatted(p, noted, end));
            }
            from.put(p, Math.max(noted, beginning));
            to.put(p, end);
          }
        });
    return new OutputRange(from, to, problems);
  }
}

package dev.sluice.tool.replay;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where the input topics may contain records that were replayed before. A replayed record is never
 * older than the deferred one, by the records' times; so where no mark shows it, the time of the
 * oldest deferred record does, less an hour for clocks that differ.
 *
 * @param beginnings of the input partitions
 * @param ends of the input partitions, taken when no other run could write any more
 * @param since the first offset of each that is not older than the oldest deferred record; -1 where
 *     there is none
 */
record ScanRange(
    SortedMap<Partition, Long> beginnings,
    SortedMap<Partition, Long> ends,
    SortedMap<Partition, Long> since) {

  /**
   * From where each input partition has to be read, up to its end.
   *
   * @param marks of earlier runs
   * @param nothingBefore whether nothing was replayed before, if the marks do not show it
   * @param deferred the topic, for messages
   * @throws IOException if records are deleted that may have been replayed ones
   */
  SortedMap<Partition, Long> from(ReplayOffsets marks, boolean nothingBefore, String deferred)
      throws IOException {
    SortedMap<Partition, Long> from = new TreeMap<>();
    for (Partition partition : ends.keySet()) {
      from.put(partition, from(partition, marks, nothingBefore, deferred));
    }
    return from;
  }

  private long from(
      Partition partition, ReplayOffsets marks, boolean nothingBefore, String deferred)
      throws IOException {
    long begin = beginnings.getOrDefault(partition, 0L);
    long end = ends.getOrDefault(partition, begin);
    Long mark = marks.lookFrom().get(partition);
    if (mark != null && mark >= begin && mark <= end) {
      return mark;
    }
    if (nothingBefore && marks.isNone()) {
      return end;
    }
    if (mark != null && marks.books() == ReplayOffsets.Books.COMPLETE) {
      return end; // whatever the deleted inputs were, the marks show what is still to be replayed
    }
    long oldest = since.getOrDefault(partition, -1L);
    if (oldest < 0) {
      return end;
    }
    if (begin > 0 && oldest <= begin) {
      throw new IOException(
          RefusalCode.REPLAY_INPUT_DELETED.in(
              ("inputs of %s below %s are deleted (retention), and earlier replays may have written some of them. "
                      + "So it is not known which records of %s are still to be replayed, and none was replayed. If "
                      + "nothing of that topic was ever replayed, say so with --first-time")
                  .formatted(partition, begin, deferred)));
    }
    return oldest;
  }
}

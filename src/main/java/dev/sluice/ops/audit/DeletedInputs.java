package dev.sluice.ops.audit;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/**
 * Were inputs deleted (retention) before anybody answered them? Of a deleted offset nobody knows
 * whether it was a record: the markers of transactions take offsets, too. Where every offset that
 * is left holds a record, the ones before did.
 *
 * @param bounds what is held, and whether that is all that waits
 * @param wholeOutputs whether no output topic has lost a record to retention
 */
record DeletedInputs(Bounds bounds, boolean wholeOutputs) {

  /**
   * Judges the offsets from the first answered one to the first that is left, of each partition.
   *
   * @param spans the judged ranges
   * @param answered deleted offsets that are answered
   * @param read inputs of the judged ranges that were found
   * @param findings takes the lost ones, as gaps
   * @return what can't be told, a sentence each
   */
  List<String> judge(
      SortedMap<Partition, Span> spans, OriginSet answered, OriginSet read, Findings findings) {
    List<String> notes = new ArrayList<>();
    answered
        .partitions()
        .forEach(
            (partition, offsets) -> {
              Span span = spans.get(partition);
              long from = span == null ? 0 : span.from();
              long first = offsets.first();
              Roaring64NavigableMap held = heldOf(partition);
              long open =
                  from - first - below(from, offsets) - below(from, held) + below(first, held);
              if (span == null || open <= 0) {
                return;
              }
              String where = "%s: from %s up to %s".formatted(partition, first, from);
              if (!wholeOutputs || !bounds.heldKnown() || !isPlain(span, read, partition)) {
                notes.add(
                    "%s, %s deleted offsets have no answer: nobody can tell any more whether they were records"
                        .formatted(where, open));
              } else if (findings.count(Anomaly.GAP, open)) {
                findings.example(
                    Anomaly.GAP,
                    "%s, %s inputs were deleted before they were answered".formatted(where, open));
              }
            });
    return notes;
  }

  private Roaring64NavigableMap heldOf(Partition partition) {
    return bounds.held().partitions().getOrDefault(partition, new Roaring64NavigableMap());
  }

  private static boolean isPlain(Span span, OriginSet read, Partition partition) {
    Roaring64NavigableMap found = read.partitions().get(partition);
    return found != null && found.getLongCardinality() == span.to() - span.from();
  }

  private static long below(long offset, Roaring64NavigableMap offsets) {
    return offset == 0 ? 0 : offsets.rankLong(offset - 1);
  }
}

package dev.sluice.tool.audit;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.audit.Input.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/**
 * Were inputs deleted (retention) before they were answered? Of a deleted offset it is not known
 * whether it was a record: the markers of transactions take offsets, too. Where every offset that
 * is left holds a record, the ones before did.
 *
 * @param bounds what is held, and whether that is all that waits
 * @param wholeOutputs whether no output topic has lost a record to retention
 */
record DeletedInputs(Bounds bounds, boolean wholeOutputs) {

  /**
   * What is not known.
   *
   * @param unknown offsets without an answer of which it is not known whether they were inputs
   * @param notes where, a sentence each
   */
  record Judged(long unknown, List<String> notes) {}

  /**
   * Judges the offsets from the first answered one to the first that is left, of each partition;
   * where none is answered, all before the first that is left.
   *
   * @param spans the judged ranges
   * @param answered deleted offsets that are answered
   * @param read inputs of the judged ranges that were found
   * @param findings takes the lost ones, as gaps
   */
  Judged judge(
      SortedMap<Partition, Span> spans, OriginSet answered, OriginSet read, Findings findings) {
    List<String> notes = new ArrayList<>();
    long unknown = 0;
    for (Map.Entry<Partition, Span> each : spans.entrySet()) {
      Partition partition = each.getKey();
      Span span = each.getValue();
      Roaring64NavigableMap offsets = answered.partitions().get(partition);
      if (offsets == null || offsets.isEmpty()) {
        unknown += unanswered(partition, span, notes);
        continue;
      }
      long first = offsets.first();
      long open = span.from() - first - below(span.from(), offsets) - held(partition, first, span);
      if (open <= 0) {
        continue;
      }
      String where = "%s: from %s up to %s".formatted(partition, first, span.from());
      if (!wholeOutputs || !bounds.heldKnown() || !isPlain(span, read, partition)) {
        unknown += open;
        notes.add(
            "%s, %s deleted offsets have no answer: it is no longer known whether they were records"
                .formatted(where, open));
      } else if (findings.count(Anomaly.GAP, open)) {
        findings.example(
            Anomaly.GAP,
            null,
            "%s, %s inputs were deleted before they were answered".formatted(where, open));
      }
    }
    return new Judged(unknown, notes);
  }

  /**
   * In a partition without any answer to deleted offsets it is not known where the job began, so
   * nothing is known to be lost. As long as no answer was deleted, those of the offsets never were;
   * otherwise they may be deleted with the inputs, as they are after every long run.
   *
   * @return the number of offsets of which this is not known
   */
  private long unanswered(Partition partition, Span span, List<String> notes) {
    long first = bounds.from().getOrDefault(partition, 0L);
    long open = span.from() - first - held(partition, first, span);
    if (open <= 0 || !bounds.to().containsKey(partition)) {
      return 0; // what is not judged is in another note
    }
    notes.add(
        ("%s: below %s, none of %s deleted offsets has an answer: it is no longer known whether they were inputs "
                + "of this job%s")
            .formatted(
                partition, span.from(), open, wholeOutputs ? "" : ", as answers are deleted, too"));
    return wholeOutputs ? open : 0;
  }

  /** How many of the deleted offsets the snapshot holds. */
  private long held(Partition partition, long first, Span span) {
    Roaring64NavigableMap held = heldOf(partition);
    return below(span.from(), held) - below(first, held);
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

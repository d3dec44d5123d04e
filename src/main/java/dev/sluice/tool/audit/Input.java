package dev.sluice.tool.audit;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which part of the input topics is judged.
 *
 * @param spans every partition that there is
 * @param notes what can't be judged, a sentence each
 */
record Input(SortedMap<Partition, Span> spans, List<String> notes) {

  /**
   * What is known of one input partition.
   *
   * @param from the first offset that is judged
   * @param to where judging ends, exclusive
   * @param end the high watermark, taken after all answers that are read were written
   */
  record Span(long from, long to, long end) {}

  /** Asks; to be called after the output's ends are known. */
  static Input of(AuditedJob job, Brokers brokers, Bounds bounds)
      throws IOException, InterruptedException {
    return of(bounds, brokers.beginnings(job.events()), brokers.ends(job.events()));
  }

  /** What is judged of topics that reach so far. */
  static Input of(
      Bounds bounds, SortedMap<Partition, Long> beginnings, SortedMap<Partition, Long> ends) {
    SortedMap<Partition, Span> spans = new TreeMap<>();
    List<String> notes = new ArrayList<>();
    ends.forEach(
        (p, end) -> {
          long wanted = bounds.from().getOrDefault(p, 0L);
          long from = Math.max(wanted, beginnings.getOrDefault(p, 0L));
          long to = bounds.to().getOrDefault(p, from);
          if (from > wanted) {
            notes.add(
                "%s: inputs below %s are deleted (retention) and not judged".formatted(p, from));
          }
          if (to > end) {
            notes.add(
                "%s: the bound is %s, but the topic ends at %s: it was created again, so origins name other records"
                    .formatted(p, to, end));
          }
          spans.put(p, new Span(from, Math.max(from, Math.min(to, end)), end));
        });
    notes.addAll(unknown(bounds, spans));
    return new Input(spans, notes);
  }

  /** Partitions that only the topics know, or only the bounds. */
  private static List<String> unknown(Bounds bounds, SortedMap<Partition, Span> spans) {
    List<String> notes = new ArrayList<>();
    String unbounded =
        bounds.stopped()
            ? "%s: the snapshot does not know this partition; none of its inputs may be answered"
            : "%s: the job has committed no offset of it, so none of its inputs is judged";
    spans.forEach(
        (p, span) -> {
          if (!bounds.to().containsKey(p) && span.end() > span.from()) {
            notes.add(unbounded.formatted(p));
          }
        });
    for (Partition bounded : bounds.to().keySet()) {
      if (!spans.containsKey(bounded)) {
        notes.add("%s: there is no such partition any more".formatted(bounded));
      }
    }
    return notes;
  }

  /** Where to begin to read. */
  SortedMap<Partition, Long> from() {
    SortedMap<Partition, Long> from = new TreeMap<>();
    spans.forEach((p, span) -> from.put(p, span.from()));
    return from;
  }

  /** Where to stop. */
  SortedMap<Partition, Long> to() {
    SortedMap<Partition, Long> to = new TreeMap<>();
    spans.forEach((p, span) -> to.put(p, span.to()));
    return to;
  }

  /** For people. */
  SortedMap<String, String> judged() {
    SortedMap<String, String> judged = new TreeMap<>();
    spans.forEach((p, span) -> judged.put(p.toString(), span.from() + "-" + span.to()));
    return judged;
  }
}

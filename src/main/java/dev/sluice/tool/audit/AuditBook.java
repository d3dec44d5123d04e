package dev.sluice.tool.audit;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.audit.Input.Span;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.longlong.LongIterator;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/**
 * The pure judge of the ledger law: takes down every answer, then every input, then names each
 * {@link Anomaly}. Keeps two bits for each input, and no record. Used by one thread.
 */
final class AuditBook {

  private static final int SHOWN = 60;

  private final Map<Partition, Span> spans;
  private final Bounds bounds;
  private final Findings findings;

  private final OriginReader reader = new OriginReader();
  private final OriginSet answered = new OriginSet();
  private final OriginSet answeredAndDeleted = new OriginSet();
  private final OriginSet seen = new OriginSet();

  private long inputs;
  private long inputsAnswered;
  private long held;
  private long undecided;
  private long beyond;
  private long unjudged;

  /**
   * An empty book.
   *
   * @param spans every input partition
   * @param bounds what is held, and whether the job is stopped
   * @param findings takes what is found
   */
  AuditBook(SortedMap<Partition, Span> spans, Bounds bounds, Findings findings) {
    this.bounds = bounds;
    this.findings = findings;
    this.spans = new HashMap<>(spans);
  }

  /** The place of a record, for people. */
  static String place(String topic, int partition, long offset) {
    return topic + "/" + partition + "@" + offset;
  }

  private static String place(Origin origin) {
    return place(origin.topic(), origin.partition(), origin.offset());
  }

  /**
   * Takes down a committed record of an output topic.
   *
   * @param header its origin, null if it has none
   */
  void answer(String topic, int partition, long offset, byte @Nullable [] header) {
    Origin origin = header == null ? null : reader.read(header);
    Span span =
        origin == null ? null : spans.get(new Partition(origin.topic(), origin.partition()));
    if (origin == null || span == null || origin.offset() >= span.end()) {
      findings.add(
          Anomaly.FOREIGN, () -> place(topic, partition, offset) + " " + foreign(header, span));
    } else if (origin.offset() < span.from()) {
      unjudged++;
      deleted(origin);
    } else if (answered.contains(origin)) {
      findings.add(Anomaly.DUPLICATE, origin, place(origin) + " is answered at %s");
    } else {
      answered.add(origin);
      if (origin.offset() >= span.to()) {
        beyond(origin, topic, partition, offset);
      }
    }
  }

  /** Whether it was an input is not known any more; a second answer is one too many anyway. */
  private void deleted(Origin origin) {
    if (answeredAndDeleted.contains(origin)) {
      findings.add(
          Anomaly.DUPLICATE, origin, place(origin) + ", which is deleted, is answered at %s");
    } else {
      answeredAndDeleted.add(origin);
    }
  }

  private static String foreign(byte @Nullable [] header, @Nullable Span span) {
    if (header == null) {
      return "has no origin";
    }
    String text = Headers.text(header);
    String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return span == null
        ? "has the origin (%s), no partition of the job's input".formatted(shown)
        : "has the origin (%s), but the input ends at %s".formatted(shown, span.end());
  }

  private void beyond(Origin origin, String topic, int partition, long offset) {
    beyond++;
    if (bounds.stopped()) {
      findings.add(
          Anomaly.BEYOND,
          () -> place(origin) + " is answered at " + place(topic, partition, offset));
    }
  }

  /** The first answered input of each partition that has any, as far as it is judged. */
  SortedMap<Partition, Long> firstAnswered() {
    SortedMap<Partition, Long> first = new TreeMap<>();
    answered.partitions().forEach((p, offsets) -> first.put(p, offsets.first()));
    return first;
  }

  /**
   * Takes down a committed input record of a judged range, after all answers.
   *
   * @param mayBeOpen whether it is undecided as yet, if it has no answer
   */
  void input(Origin origin, BooleanSupplier mayBeOpen) {
    inputs++;
    seen.add(origin);
    boolean isHeld = bounds.held().contains(origin);
    if (answered.contains(origin)) {
      inputsAnswered++;
      if (isHeld) {
        findings.add(
            Anomaly.DUPLICATE,
            origin,
            place(origin) + " is answered at %s, and the snapshot holds it unanswered");
      }
    } else if (isHeld) {
      held++;
    } else if (mayBeOpen.getAsBoolean()) {
      undecided++;
    } else {
      findings.add(Anomaly.GAP, () -> place(origin));
    }
  }

  /** Every input of the judged ranges was taken down: what is answered and was not there? */
  void close() {
    OriginSet holes = answered.copy();
    holes.removeAll(seen);
    holes.partitions().forEach(this::foreignHoles);
  }

  private void foreignHoles(Partition partition, Roaring64NavigableMap offsets) {
    Span span = spans.get(partition);
    long judged = span == null || span.to() == 0 ? 0 : offsets.rankLong(span.to() - 1);
    if (judged == 0 || !findings.count(Anomaly.FOREIGN, judged)) {
      return;
    }
    LongIterator each = offsets.getLongIterator();
    for (long left = Math.min(judged, findings.most()); left > 0; left--) {
      Origin origin = new Origin(partition.topic(), partition.partition(), each.next());
      findings.example(
          Anomaly.FOREIGN,
          origin,
          "%s answers " + place(origin) + ", where no committed record is");
    }
  }

  /** Inputs that have an answer and are before the judged range, where all records are deleted. */
  OriginSet answeredAndDeleted() {
    return answeredAndDeleted;
  }

  /** Inputs of the judged ranges that were taken down. */
  OriginSet seen() {
    return seen;
  }

  /**
   * What was counted.
   *
   * @param deletedUnknown what {@link DeletedInputs} could not find out
   */
  AuditReport.Tally tally(long deletedUnknown) {
    return new AuditReport.Tally(
        inputs, inputsAnswered, held, undecided, beyond, unjudged, deletedUnknown);
  }
}

package dev.sluice.tool.audit;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Distinguishes an input that surely lost its answer from one of which that is not known yet. Used
 * by one thread.
 *
 * <p>Without an answer an input is undecided
 *
 * <ol>
 *   <li>if the job's first start did not read its input from the beginning, and the input is below
 *       the first one that is answered in its partition: it may have come before that start.
 *   <li>if its answer may have been deleted: an answer is written after its input, so the deleted
 *       ones of a partition belong to inputs that came before the oldest answer that is left there
 *       was written. Inputs whose record time is more than an hour after that are judged. The hour
 *       covers that the records of a partition are not quite in the order of their times.
 *   <li>if the job runs and the output could not be read as far as it reached;
 *   <li>if the job runs and has lookups: it may wait for its lookup, or behind another's, which
 *       only a snapshot can show;
 *   <li>if it is an outcome, and it is not known what the job holds: it may wait for its
 *       observation until {@code sluice.outcome.timeout}, which only a canonical snapshot can show.
 *       If the job has not published its labels, whatever the outcome's label: one that waits is no
 *       damage.
 * </ol>
 */
final class Undecided {

  private static final Duration DISORDER = Duration.ofHours(1);

  private final boolean startAtEarliest;
  private final boolean heldKnown;
  private final boolean mayBeLookedUp;
  private final List<String> unreadable;
  private final SortedMap<Partition, Long> mayBeDeletedBelow;
  private final String truncated;
  private final boolean labelsKnown;
  private final EventDecoder decoder;

  private SortedMap<Partition, Long> starts = new TreeMap<>();

  private long early;
  private long deleted;
  private long unread;
  private long lookedUp;
  private long waiting;

  private Undecided(
      AuditedJob job,
      Bounds bounds,
      List<String> unreadable,
      SortedMap<Partition, Long> mayBeDeletedBelow,
      String truncated) {
    this.startAtEarliest = job.startAtEarliest();
    this.heldKnown = bounds.heldKnown();
    this.mayBeLookedUp = job.looksUp() && !bounds.stopped();
    this.unreadable = unreadable;
    this.mayBeDeletedBelow = mayBeDeletedBelow;
    this.truncated = truncated;
    this.labelsKnown = job.labels() != null;
    this.decoder = new EventDecoder(job.labels() == null ? List.of() : job.labels(), 1);
  }

  /**
   * Asks where in the input the deleted answers' inputs must end.
   *
   * @param oldest when the oldest answer that is left was written, by output partition
   */
  static Undecided of(
      AuditedJob job,
      Brokers brokers,
      Bounds bounds,
      Output output,
      SortedMap<Partition, Long> oldest)
      throws IOException, InterruptedException {
    List<Partition> truncated = output.truncated();
    SortedMap<Partition, Long> below = new TreeMap<>();
    if (!truncated.isEmpty()) {
      long latest = 0;
      for (Partition partition : truncated) {
        latest = Math.max(latest, oldest.getOrDefault(partition, Long.MAX_VALUE));
      }
      below.putAll(brokers.ends(job.events()));
      if (latest < Long.MAX_VALUE - DISORDER.toMillis()) {
        below.putAll(brokers.since(job.events(), latest + DISORDER.toMillis()));
      }
      below.replaceAll((p, offset) -> offset < 0 ? Long.MAX_VALUE : offset);
    }
    return new Undecided(
        job,
        bounds,
        bounds.stopped() ? List.of() : output.unreadable(brokers),
        below,
        truncated.toString());
  }

  /** Reports the first answered input of each partition; one without any was not begun yet. */
  Undecided startingAt(SortedMap<Partition, Long> firstAnswered) {
    starts = firstAnswered;
    return this;
  }

  /** Whether an input without an answer is undecided. */
  boolean test(Origin origin, ConsumerRecord<ByteBuffer, ByteBuffer> input) {
    Partition partition = new Partition(origin.topic(), origin.partition());
    if (!startAtEarliest && origin.offset() < starts.getOrDefault(partition, Long.MAX_VALUE)) {
      early++;
    } else if (origin.offset() < mayBeDeletedBelow.getOrDefault(partition, 0L)) {
      deleted++;
    } else if (!unreadable.isEmpty()) {
      unread++;
    } else if (mayBeLookedUp) {
      lookedUp++;
    } else if (!heldKnown && isOutcome(origin, input)) {
      waiting++;
    } else {
      return false;
    }
    return true;
  }

  private boolean isOutcome(Origin origin, ConsumerRecord<ByteBuffer, ByteBuffer> input) {
    RawRecord raw =
        new RawRecord(
            origin,
            input.timestamp(),
            CommittedRecords.bytes(input.key()),
            CommittedRecords.bytes(input.value()));
    return labelsKnown ? decoder.decode(raw) instanceof Outcome : decoder.isOutcomeOfAnyJob(raw);
  }

  /** Why inputs are undecided, with how many; to be asked when all were tested. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (early > 0) {
      notes.add(
          ("the job was not started at the beginning of its input: %,d inputs before its first answers may have "
                  + "come before it")
              .formatted(early));
    }
    if (!mayBeDeletedBelow.isEmpty()) {
      notes.add(
          "records of %s are deleted (retention): of %,d inputs it is not known whether their answers were among them"
              .formatted(truncated, deleted));
    }
    if (!unreadable.isEmpty()) {
      notes.add(
          ("the output could not be read to where it ended when the audit began, so %,d inputs may still be "
                  + "answered: %s. With checkpoints further apart, give --patience")
              .formatted(unread, String.join("; ", unreadable)));
    }
    if (lookedUp > 0) {
      notes.add(
          ("%,d inputs without an answer wait for the feature service, or are lost: a savepoint shows which "
                  + "(--savepoint, --receipt)")
              .formatted(lookedUp));
    }
    if (waiting > 0) {
      notes.add(
          ("%,d outcomes without an answer wait for their observations, or are lost: a savepoint in the canonical "
                  + "format shows which (--savepoint, --receipt)")
              .formatted(waiting));
    }
    return notes;
  }
}

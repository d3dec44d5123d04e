package dev.sluice.tool.audit;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Takes down which records were deferred, and which of them came back as inputs. A record that was
 * fed back is an input like any other, with an answer of its own; this counts only that none came
 * back twice, and how many have not come back yet. Keeps two bits for each. Used by one thread.
 */
final class Replays {

  private final String deferredTopic;
  private final Findings findings;
  private final OriginSet deferred = new OriginSet();
  private final OriginSet replayed = new OriginSet();
  private final OriginReader reader = new OriginReader();

  Replays(String deferredTopic, Findings findings) {
    this.deferredTopic = deferredTopic;
    this.findings = findings;
  }

  /** Takes down an answer. */
  void answer(ConsumerRecord<?, ?> answer) {
    if (answer.topic().equals(deferredTopic)) {
      deferred.add(new Origin(answer.topic(), answer.partition(), answer.offset()));
    }
  }

  /**
   * Takes down an input.
   *
   * @return true: the next one, too
   */
  boolean input(ConsumerRecord<?, ?> input) {
    Header header = input.headers().lastHeader(Headers.REPLAY_OF);
    Origin of = header == null ? null : reader.read(header.value());
    if (of != null && of.topic().equals(deferredTopic)) {
      if (replayed.contains(of)) {
        String place = AuditBook.place(input.topic(), input.partition(), input.offset());
        findings.add(
            Anomaly.REPLAYED_TWICE,
            () ->
                "%s is fed back once more at %s"
                    .formatted(AuditBook.place(of.topic(), of.partition(), of.offset()), place));
      } else {
        replayed.add(of);
      }
    }
    return true;
  }

  /** Whether something that was deferred has not been seen to come back. */
  boolean anyLeft() {
    return left() > 0;
  }

  private long left() {
    OriginSet left = deferred.copy();
    left.removeAll(replayed);
    return left.size();
  }

  /** What was counted. */
  AuditReport.Deferrals tally() {
    return new AuditReport.Deferrals(deferred.size(), left());
  }
}

package dev.sluice.fence;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.kafka.OpenTransactions;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Reads which origins are committed in a range of output partitions, and what the answers say of
 * the control commands. Used by one thread.
 */
final class CommittedOrigins {

  private static final int EXAMPLES = 10;

  private final CommittedRecords committed;
  private final OpenTransactions openTransactions;

  private final OriginReader origins = new OriginReader();
  private final AheadAnswers found = new AheadAnswers();
  private final String controlLog;
  private final Predicate<Origin> isOurs;
  private final List<String> foreign = new ArrayList<>();
  private long foreignRecords;
  private long records;
  private long bytes;

  /**
   * @param isOurs whether the job can have read and answered an input
   */
  CommittedOrigins(
      FenceSettings settings, OpenTransactions openTransactions, Predicate<Origin> isOurs) {
    this.isOurs = isOurs;
    this.committed = new CommittedRecords(settings.clientProperties(), settings.patience());
    this.openTransactions = openTransactions;
    this.controlLog = settings.topics().controlLog();
  }

  /**
   * Reads until the ends are reached.
   *
   * @param from the first offset of each partition
   * @param to where to stop, exclusive, of the same partitions
   * @return the origins of all committed records in between, and their journal
   * @throws IOException if nothing goes forward for the patience of the settings: names the
   *     transactions that are open
   */
  AheadAnswers read(SortedMap<Partition, Long> from, SortedMap<Partition, Long> to)
      throws IOException, InterruptedException {
    visit(
        from,
        to,
        record -> {
          Origin origin = origin(record);
          if (origin != null && isOurs.test(origin)) {
            note(origin, record);
          } else if (origin != null) {
            noteForeign(origin, record);
          }
          return true;
        });
    return found.compress();
  }

  /**
   * Reads a range, for the meeting of the subtasks.
   *
   * @param open the snapshot's open intervals that this subtask was given
   * @param restored what the snapshot itself holds as ahead
   * @throws IOException as {@link #read}
   */
  FenceReport report(
      OutputRange range, FenceNote note, List<OpenInterval> open, AheadAnswers restored)
      throws IOException, InterruptedException {
    AheadAnswers committedThere = read(range.from(), range.to());
    FenceReport.Foreign others = new FenceReport.Foreign(foreignRecords, List.copyOf(foreign));
    return new FenceReport(note, open, committedThere, restored, others, range.problems());
  }

  private void noteForeign(Origin origin, ConsumerRecord<?, ?> record) {
    foreignRecords++;
    if (foreign.size() < EXAMPLES) {
      foreign.add(
          "%s/%s offset %s names %s"
              .formatted(record.topic(), record.partition(), record.offset(), origin));
    }
  }

  private void note(Origin origin, ConsumerRecord<ByteBuffer, ByteBuffer> record) {
    found.origins().add(origin);
    Header header = record.headers().lastHeader(Headers.CONTROL_POSITION);
    if (header != null) {
      long position = OriginReader.controlPosition(header.value());
      if (position > 0) {
        found.journal().note(origin, position);
      }
    }
    ByteBuffer value = record.value();
    if (value != null && record.topic().equals(controlLog)) {
      byte[] reply = new byte[value.remaining()];
      value.duplicate().get(reply);
      found.journal().noteReply(origin, reply);
    }
  }

  /**
   * The first committed record with an origin.
   *
   * @param from the first offset of each partition
   * @param to where to stop, exclusive, of the same partitions
   * @return its position and what it answers, in words; null if there is none
   * @throws IOException as {@link #read}
   */
  @Nullable String firstAnswer(SortedMap<Partition, Long> from, SortedMap<Partition, Long> to)
      throws IOException, InterruptedException {
    List<String> first = new ArrayList<>();
    visit(
        from,
        to,
        record -> {
          Origin origin = origin(record);
          if (origin != null) {
            first.add(
                "%s/%s holds the answer to %s at offset %s"
                    .formatted(record.topic(), record.partition(), origin, record.offset()));
          }
          return origin == null;
        });
    return first.isEmpty() ? null : first.get(0);
  }

  private void visit(
      SortedMap<Partition, Long> from,
      SortedMap<Partition, Long> to,
      CommittedRecords.Visitor visitor)
      throws IOException, InterruptedException {
    try {
      committed.visit(
          from,
          to,
          record -> {
            records++;
            bytes +=
                Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
            return visitor.visit(record);
          });
    } catch (CommittedRecords.StalledException e) {
      throw new IOException(
          ("the restore fence has %s for the output topics to be read to their ends, and no answer may pass before "
                  + "that: %s. A transaction ends when its producer commits or aborts it, or with its timeout; "
                  + "'kafka-transactions.sh abort' ends one that hangs")
              .formatted(e.getMessage(), openTransactions.describe(e.positions().keySet())),
          e);
    }
  }

  /** Records read, committed ones only. */
  long records() {
    return records;
  }

  /** Bytes of their keys and values. */
  long bytes() {
    return bytes;
  }

  private @Nullable Origin origin(ConsumerRecord<?, ?> record) {
    Header header = record.headers().lastHeader(Headers.ORIGIN);
    return header == null ? null : origins.read(header.value());
  }
}

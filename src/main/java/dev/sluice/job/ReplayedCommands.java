package dev.sluice.job;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.codec.ReplyReader;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.kafka.TopicOffsets;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.Partition;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the control topic the commands that were in effect for answers which are committed
 * beyond the snapshot, with the models that they name. Used once, by the task's thread.
 */
final class ReplayedCommands {

  private final JobSettings settings;
  private final ControlGate gate;
  private final AnswerJournal journal;
  private final Partition topic;

  /**
   * @param gate reads the models
   * @param journal how the commands were answered, as far as that is committed
   */
  ReplayedCommands(JobSettings settings, ControlGate gate, AnswerJournal journal) {
    this.settings = settings;
    this.gate = gate;
    this.journal = journal;
    this.topic = new Partition(settings.topics().control(), 0);
  }

  /**
   * The commands of a range.
   *
   * @param from the first offset
   * @param to the end, exclusive; one that is above the end of the topic was written by another
   *     program
   * @throws SuppressRestartsException if one of them is deleted, or can't be carried out as before
   */
  List<ControlRecord> read(long from, long to) throws Exception {
    Range range = range(from, to);
    List<RawRecord> raw = new ArrayList<>();
    new CommittedRecords(settings.kafka().clientProperties(), settings.sink().fence().patience())
        .visit(
            new TreeMap<>(Map.of(topic, range.from())),
            new TreeMap<>(Map.of(topic, range.to())),
            record -> {
              raw.add(raw(record));
              return true;
            });
    List<ControlRecord> records = new ArrayList<>();
    for (RawRecord record : raw) {
      records.add(asBefore(record));
    }
    return records;
  }

  /**
   * What of the wanted range is there; deleted records that were none of the commands are no loss.
   */
  private Range range(long from, long to) throws Exception {
    try (Admin admin = Admin.create(settings.kafka().clientProperties())) {
      TopicOffsets offsets = new TopicOffsets(admin);
      long beginning = of(offsets.beginnings(List.of(topic.topic())));
      if (!settings.input().skipDeleted()) {
        refuseDeleted(from, beginning);
      }
      return new Range(
          Math.max(from, beginning), Math.min(to, of(offsets.ends(List.of(topic.topic())))));
    }
  }

  private record Range(long from, long to) {}

  private void refuseDeleted(long from, long beginning) throws SuppressRestartsException {
    for (long position : journal.positions().keySet()) {
      if (position > from && position <= beginning) {
        throw refuse(
            ("the command at offset %s of topic (%s) is deleted; it was in effect for answers that are committed "
                    + "beyond the snapshot. Restore a snapshot from after the command")
                .formatted(position - 1, topic.topic()));
      }
    }
    for (Origin command : journal.replies().keySet()) {
      if (command.topic().equals(topic.topic())
          && command.offset() >= from
          && command.offset() < beginning) {
        throw refuse(
            ("the command at offset %s of topic (%s) is deleted; its answer is committed beyond the snapshot. "
                    + "Restore a snapshot from after the command")
                .formatted(command.offset(), topic.topic()));
      }
    }
  }

  private long of(Future<SortedMap<Partition, Long>> answer)
      throws IOException, InterruptedException {
    try {
      return answer
          .get(settings.sink().fence().patience().toMillis(), TimeUnit.MILLISECONDS)
          .getOrDefault(topic, 0L);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("topic (%s) can't be asked about: %s".formatted(topic.topic(), e), e);
    }
  }

  /** A command that was rejected is rejected again, for the same reason, whatever is there now. */
  private ControlRecord asBefore(RawRecord raw) throws SuppressRestartsException, IOException {
    ReplyReader.Reply before = ReplyReader.read(journal.replyTo(raw.origin()));
    ControlRecord plain = CommandDecoder.record(raw);
    String reason = before == null ? null : before.reason();
    if (reason != null) {
      return plain.refused(reason);
    }
    if (before != null && before.repeated()) {
      return plain;
    }
    boolean accepted = before != null;
    ControlRecord record = gate.again(plain, accepted);
    if (accepted && record instanceof ControlRecord.Refused refused) {
      throw refuse(
          ("the command at offset %s of topic (%s) was carried out before and can't be again: %s. Put the file "
                  + "back, or restore a snapshot from after the command")
              .formatted(raw.origin().offset(), topic.topic(), refused.reason()));
    }
    return record;
  }

  private RawRecord raw(ConsumerRecord<ByteBuffer, ByteBuffer> record) {
    return new RawRecord(
        new Origin(record.topic(), record.partition(), record.offset()),
        record.timestamp(),
        bytes(record.key()),
        bytes(record.value()));
  }

  private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static SuppressRestartsException refuse(String why) {
    return new SuppressRestartsException(new SettingsException("the replay is refused: " + why));
  }
}

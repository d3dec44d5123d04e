package dev.sluice.state;

import dev.sluice.event.Origin;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.OriginSet;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises a journal of answers, which is not changed any more. Version 1: the control positions
 * with their origins as {@link LedgerFormat1}, then the answers to commands.
 */
public final class AnswerJournalSerializer extends VersionedSerializer<AnswerJournal> {

  private static final int MAX_ENTRIES = 1 << 24;

  /** Writes version 1. */
  public AnswerJournalSerializer() {
    super(AnswerJournal.class, 1);
  }

  @Override
  void write(AnswerJournal journal, DataOutputView out) throws IOException {
    Wire.writeLength(out, "the positions", journal.positions().size(), MAX_ENTRIES);
    for (Map.Entry<Long, OriginSet> e : journal.positions().entrySet()) {
      out.writeLong(e.getKey());
      LedgerFormat1.writeOrigins(e.getValue(), out);
    }
    List<Map.Entry<Origin, byte[]>> replies =
        journal.replies().entrySet().stream()
            .sorted(Map.Entry.comparingByKey(Comparator.comparing(Origin::toString)))
            .toList();
    Wire.writeLength(out, "the replies", replies.size(), MAX_ENTRIES);
    for (Map.Entry<Origin, byte[]> e : replies) {
      EventFormat1.writeOrigin(e.getKey(), out);
      Wire.writeNullableBytes(out, "the reply", e.getValue());
    }
  }

  @Override
  AnswerJournal read(int version, DataInputView in) throws IOException {
    AnswerJournal journal = new AnswerJournal();
    int positions = Wire.readLength(in, "the positions", MAX_ENTRIES);
    for (int i = 0; i < positions; i++) {
      long position = in.readLong();
      if (position <= 0) {
        throw new IOException("corrupt bytes: no control position (%s)".formatted(position));
      }
      journal.noteAll(LedgerFormat1.readOrigins(in), position);
    }
    int replies = Wire.readLength(in, "the replies", MAX_ENTRIES);
    for (int i = 0; i < replies; i++) {
      Origin command = EventFormat1.readOrigin(in);
      byte[] reply = Wire.readNullableBytes(in, "the reply");
      if (reply == null) {
        throw new IOException("corrupt bytes: the reply to %s is null".formatted(command));
      }
      journal.noteReply(command, reply);
    }
    return journal;
  }

  @Override
  public AnswerJournal createInstance() {
    return new AnswerJournal();
  }

  @Override
  public TypeSerializerSnapshot<AnswerJournal> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<AnswerJournal> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new AnswerJournalSerializer());
    }
  }
}

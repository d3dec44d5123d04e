package dev.sluice.state;

import dev.sluice.ledger.FenceNote;
import java.io.IOException;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises a fence's note. Version 1: its fields in the order of the record, offsets as {@link
 * LedgerFormat1}.
 */
public final class FenceNoteSerializer extends VersionedSerializer<FenceNote> {

  /** Writes version 1. */
  public FenceNoteSerializer() {
    super(FenceNote.class, 1);
  }

  @Override
  void write(FenceNote note, DataOutputView out) throws IOException {
    Wire.writeText(out, "the job", note.jobId());
    out.writeLong(note.checkpointId());
    out.writeLong(note.settledId());
    out.writeBoolean(note.tracked());
    LedgerFormat1.writeOffsets(note.stableEnds(), out);
    LedgerFormat1.writeOffsets(note.passed(), out);
  }

  @Override
  FenceNote read(int version, DataInputView in) throws IOException {
    return new FenceNote(
        Wire.readText(in, "the job"),
        in.readLong(),
        in.readLong(),
        Wire.readFlag(in, "the flag of tracking"),
        LedgerFormat1.readOffsets(in),
        LedgerFormat1.readOffsets(in));
  }

  @Override
  public FenceNote createInstance() {
    return new FenceNote("", 0, 0, true, new TreeMap<>(), new TreeMap<>());
  }

  @Override
  public TypeSerializerSnapshot<FenceNote> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<FenceNote> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new FenceNoteSerializer());
    }
  }
}

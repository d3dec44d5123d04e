package dev.sluice.state;

import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises control records on their way to every task.
 *
 * <p>Version 1: the record as it came, the refusal, the model's bytes.
 */
public final class ControlRecordSerializer extends VersionedSerializer<ControlRecord> {

  /** Writes version 1. */
  public ControlRecordSerializer() {
    super(ControlRecord.class, 1);
  }

  @Override
  void write(ControlRecord record, DataOutputView out) throws IOException {
    EventFormat1.writeRaw(record.raw(), out);
    Wire.writeNullableText(out, "the refusal", record.refusal());
    Wire.writeNullableBytes(out, "the model", record.model());
  }

  @Override
  ControlRecord read(int version, DataInputView in) throws IOException {
    return switch (version) {
      case 1 ->
          new ControlRecord(
              EventFormat1.readRaw(in),
              Wire.readNullableText(in, "the refusal"),
              Wire.readNullableBytes(in, "the model"));
      default -> throw new IllegalArgumentException("no format version (" + version + ")");
    };
  }

  @Override
  public TypeSerializer<ControlRecord> duplicate() {
    return this;
  }

  @Override
  public ControlRecord createInstance() {
    RawRecord none = new RawRecord(new Origin("none", 0, 0), 0, null, null);
    return new ControlRecord(none, null, null);
  }

  @Override
  public TypeSerializerSnapshot<ControlRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<ControlRecord> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new ControlRecordSerializer());
    }
  }
}

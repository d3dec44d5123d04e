package dev.sluice.state;

import dev.sluice.codec.CommandDecoder;
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
 * <p>Version 1: the record as it came, the refusal, the model's bytes. What the record asks for is
 * not written: it depends on the record alone, so it is decoded where the bytes are read.
 */
final class ControlRecordSerializer extends VersionedSerializer<ControlRecord> {

  /** Writes version 1. */
  public ControlRecordSerializer() {
    super(ControlRecord.class, 1);
  }

  @Override
  void write(ControlRecord record, DataOutputView out) throws IOException {
    EventFormat1.writeRaw(record.raw(), out);
    String refusal = record instanceof ControlRecord.Refused refused ? refused.reason() : null;
    byte[] model = record instanceof ControlRecord.WithModel named ? named.model() : null;
    Wire.writeNullableText(out, "the refusal", refusal);
    Wire.writeNullableBytes(out, "the model", model);
  }

  @Override
  ControlRecord read(int version, DataInputView in) throws IOException {
    return switch (version) {
      case 1 -> read1(in);
      default -> throw new IllegalArgumentException("no format version (" + version + ")");
    };
  }

  private static ControlRecord read1(DataInputView in) throws IOException {
    ControlRecord plain = CommandDecoder.record(EventFormat1.readRaw(in));
    String refusal = Wire.readNullableText(in, "the refusal");
    byte[] model = Wire.readNullableBytes(in, "the model");
    if (refusal != null) {
      return plain.refused(refusal);
    }
    return model == null ? plain : plain.with(model);
  }

  @Override
  public TypeSerializer<ControlRecord> duplicate() {
    return this;
  }

  @Override
  public ControlRecord createInstance() {
    RawRecord none = new RawRecord(new Origin("none", 0, 0), 0, null, null);
    return CommandDecoder.record(none);
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

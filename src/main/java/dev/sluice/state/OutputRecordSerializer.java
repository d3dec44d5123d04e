package dev.sluice.state;

import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises encoded answers on their way to the sink.
 *
 * <p>Version 1: topic, origin, key, value, and for a dead letter its reason and detail. Version 2:
 * the control position after them.
 */
final class OutputRecordSerializer extends VersionedSerializer<OutputRecord> {

  private static final byte NO_REASON = 0;

  /** Writes version 2. */
  public OutputRecordSerializer() {
    super(OutputRecord.class, 2);
  }

  @Override
  void write(OutputRecord record, DataOutputView out) throws IOException {
    out.writeByte(record.topic().wire());
    EventFormat1.writeOrigin(record.origin(), out);
    Wire.writeNullableBytes(out, "the record key", record.key());
    Wire.writeNullableBytes(out, "the record value", record.value());
    Reason reason = record.reason();
    out.writeByte(reason == null ? NO_REASON : reason.wire());
    Wire.writeNullableText(out, "the detail", record.detail());
    out.writeLong(record.controlPosition());
  }

  @Override
  OutputRecord read(int version, DataInputView in) throws IOException {
    return switch (version) {
      case 1 -> read1(in);
      case 2 -> read1(in).under(in.readLong());
      default -> throw new IllegalArgumentException("no format version (" + version + ")");
    };
  }

  @Override
  public OutputRecord createInstance() {
    return new OutputRecord(
        OutputTopic.DEAD_LETTERS, new Origin("none", 0, 0), null, null, null, null);
  }

  @Override
  public TypeSerializerSnapshot<OutputRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  private static OutputRecord read1(DataInputView in) throws IOException {
    OutputTopic topic = OutputTopic.ofWire(in.readByte());
    Origin origin = EventFormat1.readOrigin(in);
    byte[] key = Wire.readNullableBytes(in, "the record key");
    byte[] value = Wire.readNullableBytes(in, "the record value");
    byte reason = in.readByte();
    return new OutputRecord(
        topic,
        origin,
        key,
        value,
        reason == NO_REASON ? null : Reason.ofWire(reason),
        Wire.readNullableText(in, "the detail"));
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<OutputRecord> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new OutputRecordSerializer());
    }
  }
}

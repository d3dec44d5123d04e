package dev.sluice.state;

import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises an open interval. Version 1: the snapshot's id, then the origins as {@link
 * LedgerFormat1}.
 */
public final class OpenIntervalSerializer extends VersionedSerializer<OpenInterval> {

  /** Writes version 1. */
  public OpenIntervalSerializer() {
    super(OpenInterval.class, 1);
  }

  @Override
  void write(OpenInterval interval, DataOutputView out) throws IOException {
    out.writeLong(interval.checkpointId());
    LedgerFormat1.writeOrigins(interval.answered(), out);
  }

  @Override
  OpenInterval read(int version, DataInputView in) throws IOException {
    return new OpenInterval(in.readLong(), LedgerFormat1.readOrigins(in));
  }

  @Override
  public OpenInterval createInstance() {
    return new OpenInterval(0, new OriginSet());
  }

  @Override
  public TypeSerializerSnapshot<OpenInterval> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<OpenInterval> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new OpenIntervalSerializer());
    }
  }
}

package dev.sluice.state;

import dev.sluice.ledger.OriginSet;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises a set of origins, which is not modified any more. Version 1: {@link LedgerFormat1}.
 */
public final class OriginSetSerializer extends VersionedSerializer<OriginSet> {

  /** Writes version 1. */
  public OriginSetSerializer() {
    super(OriginSet.class, 1);
  }

  @Override
  void write(OriginSet origins, DataOutputView out) throws IOException {
    LedgerFormat1.writeOrigins(origins, out);
  }

  @Override
  OriginSet read(int version, DataInputView in) throws IOException {
    return LedgerFormat1.readOrigins(in);
  }

  @Override
  public OriginSet createInstance() {
    return new OriginSet();
  }

  @Override
  public TypeSerializerSnapshot<OriginSet> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<OriginSet> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new OriginSetSerializer());
    }
  }
}

package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/**
 * What a backend writes once before its own entries.
 *
 * @param states in the order of their numbers
 * @param compressed whether each key group is
 */
record KeyedMeta(List<StateMetaInfoSnapshot> states, boolean compressed) {

  /** Reads it; only under {@link SavedObjects#reading}. */
  static KeyedMeta read(DataInputView in) throws IOException {
    KeyedBackendSerializationProxy<String> stored =
        new KeyedBackendSerializationProxy<>(KeyedMeta.class.getClassLoader());
    stored.read(in);
    if (!(stored.getKeySerializerSnapshot() instanceof StringSerializer.StringSerializerSnapshot)) {
      throw new IOException("its keys are no strings");
    }
    return new KeyedMeta(
        List.copyOf(stored.getStateMetaInfoSnapshots()), stored.isUsingKeyGroupCompression());
  }
}

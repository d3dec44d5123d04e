package dev.sluice.tool.savepoint;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.state.SluiceTypes;
import java.io.IOException;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;

/** Turns the bytes of keyed entries into keys, models and what is pending. For one thread. */
final class EntryFormat {

  private static final boolean AMBIGUOUS =
      CompositeKeySerializationUtils.isAmbiguousKeyPossible(
          StringSerializer.INSTANCE, VoidNamespaceSerializer.INSTANCE);

  private final int prefixBytes;
  private final TypeSerializer<ModelState> models =
      SluiceTypes.MODEL_STATE.createSerializer(new SerializerConfigImpl());
  private final TypeSerializer<Pending> pending =
      SluiceTypes.PENDING.createSerializer(new SerializerConfigImpl());
  private final DataInputDeserializer in = new DataInputDeserializer();

  /**
   * @param keyGroups of the operator
   */
  EntryFormat(int keyGroups) {
    this.prefixBytes =
        CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix(keyGroups);
  }

  String key(byte[] composite) throws IOException {
    in.setBuffer(composite);
    return readKey();
  }

  /** The id under which something is pending. */
  String id(byte[] composite) throws IOException {
    in.setBuffer(composite);
    readKey();
    VoidNamespace unused =
        CompositeKeySerializationUtils.readNamespace(
            VoidNamespaceSerializer.INSTANCE, in, AMBIGUOUS);
    return StringSerializer.INSTANCE.deserialize(in);
  }

  ModelState model(byte[] value) throws IOException {
    in.setBuffer(value);
    ModelState model = models.deserialize(in);
    requireEnd(value);
    return model;
  }

  Pending pending(byte[] value) throws IOException {
    in.setBuffer(value);
    if (in.readBoolean()) {
      throw new IOException("a pending half is null");
    }
    Pending half = pending.deserialize(in);
    requireEnd(value);
    return half;
  }

  private String readKey() throws IOException {
    in.skipBytesToRead(prefixBytes);
    return CompositeKeySerializationUtils.readKey(StringSerializer.INSTANCE, in, AMBIGUOUS);
  }

  private void requireEnd(byte[] value) throws IOException {
    if (in.available() > 0) {
      throw new IOException("%s of %s bytes are left over".formatted(in.available(), value.length));
    }
  }
}

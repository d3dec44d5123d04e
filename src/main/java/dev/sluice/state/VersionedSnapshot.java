package dev.sluice.state;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a savepoint remembers of a serializer: the version that it wrote. Values carry their own
 * version, so a newer serializer takes older state as it is; state of a newer version is refused.
 *
 * @param <T> what is serialised
 */
abstract class VersionedSnapshot<T> implements TypeSerializerSnapshot<T> {

  private static final int LAYOUT = 1;

  private final VersionedSerializer<T> current;
  private int formatVersion;

  /**
   * Describes the serializer until {@link #readSnapshot} says otherwise.
   *
   * @param current this release's serializer
   */
  VersionedSnapshot(VersionedSerializer<T> current) {
    this.current = current;
    this.formatVersion = current.version();
  }

  @Override
  public final int getCurrentVersion() {
    return LAYOUT;
  }

  @Override
  public final void writeSnapshot(DataOutputView out) throws IOException {
    out.writeByte(formatVersion);
  }

  @Override
  public final void readSnapshot(int layout, DataInputView in, ClassLoader loader)
      throws IOException {
    if (layout != LAYOUT) {
      throw new IOException(
          "the snapshot of the serializer of %s has the unknown layout (%s)"
              .formatted(current.valueType().getSimpleName(), layout));
    }
    formatVersion = in.readByte();
    if (formatVersion < 1) {
      throw new IOException(
          "the snapshot of the serializer of %s names the impossible format version (%s)"
              .formatted(current.valueType().getSimpleName(), formatVersion));
    }
  }

  @Override
  public final TypeSerializer<T> restoreSerializer() {
    return current.duplicate();
  }

  @Override
  public final TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
      TypeSerializerSnapshot<T> oldSnapshot) {
    if (oldSnapshot instanceof VersionedSnapshot<T> old
        && old.current.valueType() == current.valueType()
        && old.formatVersion <= formatVersion) {
      return TypeSerializerSchemaCompatibility.compatibleAsIs();
    }
    return TypeSerializerSchemaCompatibility.incompatible();
  }
}

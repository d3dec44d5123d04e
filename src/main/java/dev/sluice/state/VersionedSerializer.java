package dev.sluice.state;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Puts the version of the format in front of every value. Values are taken to be immutable unless a
 * subclass says otherwise. Holds no state that one value leaves to the next, except buffers; like
 * every serializer it belongs to one thread, others take a {@link #duplicate()}.
 *
 * @param <T> what is serialised
 */
abstract class VersionedSerializer<T> extends TypeSerializer<T> {

  private final Class<T> valueType;
  private final int version;

  /**
   * Says what is written.
   *
   * @param valueType what is serialised
   * @param version the newest version of its format, from 1 to 127
   */
  VersionedSerializer(Class<T> valueType, int version) {
    this.valueType = valueType;
    this.version = version;
  }

  /** The version that a value is written in: the newest one, unless an older one holds it all. */
  int versionOf(T value) {
    return version;
  }

  /** Writes {@link #versionOf} the value, without the version byte. */
  abstract void write(T value, DataOutputView out) throws IOException;

  /**
   * Reads a value, without the version byte.
   *
   * @param version from 1 to the newest: any other has been refused
   * @throws IOException if the bytes are no such value
   * @throws IllegalArgumentException likewise, from the value's own constructor
   */
  abstract T read(int version, DataInputView in) throws IOException;

  @Override
  public final void serialize(T value, DataOutputView out) throws IOException {
    out.writeByte(versionOf(value));
    write(value, out);
  }

  @Override
  public final T deserialize(DataInputView in) throws IOException {
    int found = in.readByte();
    if (found < 1 || found > version) {
      throw new IOException(
          ("%s: format version (%s) is unknown, this release reads 1 to %s: the bytes are corrupt or from a newer "
                  + "release")
              .formatted(valueType.getSimpleName(), found, version));
    }
    try {
      return read(found, in);
    } catch (IllegalArgumentException e) {
      throw new IOException(valueType.getSimpleName() + ": corrupt bytes: " + e.getMessage(), e);
    }
  }

  /** This one: for a serializer without buffers. */
  @Override
  public TypeSerializer<T> duplicate() {
    return this;
  }

  @Override
  public final T deserialize(T reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public final void copy(DataInputView in, DataOutputView out) throws IOException {
    serialize(deserialize(in), out);
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public T copy(T from) {
    return from;
  }

  @Override
  public final T copy(T from, T reuse) {
    return copy(from);
  }

  @Override
  public final int getLength() {
    return -1;
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof VersionedSerializer<?> that
        && valueType == that.valueType
        && version == that.version;
  }

  @Override
  public final int hashCode() {
    return valueType.hashCode() * 31 + version;
  }

  final Class<T> valueType() {
    return valueType;
  }

  final int version() {
    return version;
  }
}

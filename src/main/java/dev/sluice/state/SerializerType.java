package dev.sluice.state;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes Flink serialise a type with a serializer of this project. Never a key, never looked into.
 *
 * @param <T> the type
 */
final class SerializerType<T> extends TypeInformation<T> {

  private static final long serialVersionUID = 1L;

  private final VersionedSerializer<T> serializer;

  SerializerType(VersionedSerializer<T> serializer) {
    this.serializer = serializer;
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return serializer.duplicate();
  }

  @Override
  public Class<T> getTypeClass() {
    return serializer.valueType();
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  public String toString() {
    return "SerializerType(" + getTypeClass().getSimpleName() + ")";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SerializerType<?> that && serializer.equals(that.serializer);
  }

  @Override
  public int hashCode() {
    return serializer.hashCode();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof SerializerType<?>;
  }
}

package dev.sluice.state;

import dev.sluice.model.Pending;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;

class PendingSerializerTest extends SerializerTestBase<Pending> {

  PendingSerializerTest() {
    super(SameValue.checker());
  }

  @Override
  protected TypeSerializer<Pending> createSerializer() {
    return new PendingSerializer();
  }

  @Override
  protected int getLength() {
    return -1;
  }

  @Override
  protected Class<Pending> getTypeClass() {
    return Pending.class;
  }

  @Override
  protected Pending[] getTestData() {
    return Samples.pendings();
  }
}

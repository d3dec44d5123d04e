package dev.sluice.state;

import dev.sluice.model.ModelState;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;

class ModelStateSerializerTest extends SerializerTestBase<ModelState> {

  ModelStateSerializerTest() {
    super(SameValue.checker());
  }

  @Override
  protected TypeSerializer<ModelState> createSerializer() {
    return new ModelStateSerializer();
  }

  @Override
  protected int getLength() {
    return -1;
  }

  @Override
  protected Class<ModelState> getTypeClass() {
    return ModelState.class;
  }

  @Override
  protected ModelState[] getTestData() {
    return Samples.modelStates();
  }
}

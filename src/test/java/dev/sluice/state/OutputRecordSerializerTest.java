package dev.sluice.state;

import dev.sluice.event.OutputRecord;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;

class OutputRecordSerializerTest extends SerializerTestBase<OutputRecord> {

  @Override
  protected TypeSerializer<OutputRecord> createSerializer() {
    return new OutputRecordSerializer();
  }

  @Override
  protected int getLength() {
    return -1;
  }

  @Override
  protected Class<OutputRecord> getTypeClass() {
    return OutputRecord.class;
  }

  @Override
  protected OutputRecord[] getTestData() {
    return Samples.outputRecords();
  }
}

package dev.sluice.job;

import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.model.ModelState;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** One task of the keyed operator as the job configures it, without brokers: for measurements. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
public final class OperatorAlone
    extends KeyedTwoInputStreamOperatorTestHarness<String, Event, ControlRecord, OutputRecord> {

  /** Not open yet. */
  public OperatorAlone(Map<String, String> settings, StateBackend backend) throws Exception {
    super(
        new LearnsAlone(
            new LearnAndPredict(JobSettings.of(settings), null),
            JobSettings.of(settings).models().cache()),
        SluiceJob::entity,
        null,
        Types.STRING,
        Uids.MAX_PARALLELISM,
        1,
        0);
    setStateBackend(backend);
    setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
  }

  /** How long a key's model is as the state backend has it; 0 if it has none. */
  public int storedModelBytes(String key) throws Exception {
    KeyedStateBackend<String> backend = getOperator().getKeyedStateBackend();
    backend.setCurrentKey(key);
    ModelState model =
        backend
            .getPartitionedState(
                VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, KeyedModel.descriptor())
            .value();
    if (model == null) {
      return 0;
    }
    DataOutputSerializer out = new DataOutputSerializer(1024);
    SluiceTypes.MODEL_STATE
        .createSerializer(getExecutionConfig().getSerializerConfig())
        .serialize(model, out);
    return out.length();
  }
}

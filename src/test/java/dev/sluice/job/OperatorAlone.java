package dev.sluice.job;

import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateBackend;
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
}

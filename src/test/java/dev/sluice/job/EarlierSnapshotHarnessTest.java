package dev.sluice.job;

import static dev.sluice.job.ControlHarness.SETTINGS;
import static dev.sluice.job.ControlHarness.champion;
import static dev.sluice.job.ControlHarness.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.model.Champion;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.List;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;

/** A snapshot of the job as it was before there were control commands. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class EarlierSnapshotHarnessTest {

  @Test
  void itIsRestoredAndCommandedFromThere() throws Exception {
    try (ControlHarness job = ControlHarness.restored(earlier(), 1, 1, 0)) {
      JsonNode evaluation = job.evaluate("LAS", "f-1", "late");
      assertThat(evaluation.at("/champion/scores/late").isNumber()).isTrue();
      assertThat(json(job.observe("LAS", "f-2")).get("championVersion").asInt()).isEqualTo(1);

      assertThat(job.promote("c-1", 2, "", champion(3)).get("accepted").asBoolean()).isTrue();
      assertThat(json(job.observe("LAS", "f-3")).get("championVersion").asInt()).isEqualTo(2);
      assertThat(job.model("LAS").predictions).isEqualTo(3);
    }
  }

  private static OperatorSubtaskState earlier() throws Exception {
    try (var before =
        new KeyedOneInputStreamOperatorTestHarness<String, Event, OutputRecord>(
            new KeyedProcessOperator<>(new Earlier(champion(1))),
            SluiceJob::entity,
            Types.STRING,
            ControlHarness.KEY_GROUPS,
            1,
            0)) {
      before.setup(
          SluiceTypes.OUTPUT_RECORD.createSerializer(
              before.getExecutionConfig().getSerializerConfig()));
      before.open();
      String json =
          """
          {"type":"observation","id":"f-1","key":"LAS","time":1,"features":{"x":1}}""";
      RawRecord raw =
          new RawRecord(
              new Origin("sluice.events", 0, 0),
              1_000,
              "LAS".getBytes(UTF_8),
              json.getBytes(UTF_8));
      before.processElement(new EventDecoder(List.of("ontime", "late"), 100).decode(raw), 1_000);
      return before.snapshot(1, 1);
    }
  }

  /** The one-input operator and its states, as they were. */
  @SuppressWarnings("NullAway.Init")
  private static final class Earlier extends KeyedProcessFunction<String, Event, OutputRecord>
      implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    private final byte[] champion;
    private transient OnlineModel online;
    private transient FunctionInitializationContext states;

    Earlier(byte[] champion) {
      this.champion = champion;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
      states = context;
      JobSettings settings = JobSettings.of(SETTINGS);
      online = new OnlineModel(settings.model(), Champion.read(champion, 1, settings.model()));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
      JobSettings settings = JobSettings.of(SETTINGS);
      byte[] packed = FirstChampion.pack(Champion.read(champion, 1, settings.model()));
      states
          .getOperatorStateStore()
          .getUnionListState(bytes(Uids.CHAMPION_STATE))
          .update(List.of(packed));
      states
          .getOperatorStateStore()
          .getUnionListState(bytes(Uids.DESCRIPTION_STATE))
          .update(List.of(online.description().encode()));
    }

    @Override
    public void processElement(Event event, Context context, Collector<OutputRecord> out)
        throws Exception {
      Observation observation = (Observation) event;
      ModelState state = online.newState();
      Pending pending = online.predict(state, observation).pending();
      getRuntimeContext()
          .getState(new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE))
          .update(state);
      getRuntimeContext()
          .getMapState(
              new MapStateDescriptor<>(Uids.PENDING_STATE, Types.STRING, SluiceTypes.PENDING))
          .put(observation.id(), pending);
      context.timerService().registerEventTimeTimer(1_000_000);
    }

    private static ListStateDescriptor<byte[]> bytes(String name) {
      return new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    }
  }
}

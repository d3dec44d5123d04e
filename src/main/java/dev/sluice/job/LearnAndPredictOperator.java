package dev.sluice.job;

import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.model.ModelState;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.WriteBackState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Runs {@link LearnAndPredict} with a write-back cache before its models, flushed before each
 * snapshot, and with a clock that the events alone drive: the control commands have no time, and
 * waiting for theirs would hold every timeout up.
 */
final class LearnAndPredictOperator
    extends KeyedCoProcessOperator<String, Event, ControlRecord, OutputRecord> {

  private static final long serialVersionUID = 1L;

  private static final int COMMANDS = 1;

  /** What Flink calls the timers of a function, in snapshots, too. */
  private static final String USER_TIMERS = "user-timers";

  private final LearnAndPredict function;
  private final WriteBackState.Limit cache;

  private transient WriteBackState<String, ModelState> models;

  /**
   * @param cache models that each task keeps at hand
   */
  @SuppressWarnings("NullAway.Init") // open runs before any event and any snapshot
  LearnAndPredictOperator(LearnAndPredict function, WriteBackState.Limit cache) {
    super(function);
    this.function = function;
    this.cache = cache;
  }

  @Override
  public void open() throws Exception {
    super.open();
    function.keepModelsBehind(this::cached);
    if (function.modelTimersAreMissing()) {
      setModelTimers();
    }
    super.processWatermarkStatus(WatermarkStatus.IDLE, COMMANDS);
  }

  @Override
  protected void processWatermarkStatus(WatermarkStatus status, int input) throws Exception {
    if (input != COMMANDS) {
      super.processWatermarkStatus(status, input);
    }
  }

  @Override
  public void processWatermark2(Watermark mark) {
    // The commands' input stays idle from open on.
  }

  /** Once after a changed setting: goes through all stored keys, but reads no model itself. */
  private void setModelTimers() throws Exception {
    InternalTimerService<VoidNamespace> timers =
        getInternalTimerService(USER_TIMERS, VoidNamespaceSerializer.INSTANCE, this);
    this.<String>getKeyedStateBackend()
        .applyToAllKeys(
            VoidNamespace.INSTANCE,
            VoidNamespaceSerializer.INSTANCE,
            new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE),
            (key, state) ->
                timers.registerEventTimeTimer(VoidNamespace.INSTANCE, ModelExpiry.AT_ONCE));
  }

  private ValueState<ModelState> cached(ValueState<ModelState> backend) {
    models =
        new WriteBackState<>(
            backend,
            SluiceTypes.MODEL_STATE.createSerializer(getExecutionConfig().getSerializerConfig()),
            cache,
            ModelState::bytes,
            () -> (String) getCurrentKey(),
            this::setCurrentKey);
    return models;
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    models.flush();
  }
}

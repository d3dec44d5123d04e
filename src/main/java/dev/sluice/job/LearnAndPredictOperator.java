package dev.sluice.job;

import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.model.ModelState;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.WriteBackState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;

/**
 * Runs {@link LearnAndPredict} with a write-back cache before its models, flushed before each
 * snapshot.
 */
final class LearnAndPredictOperator extends KeyedProcessOperator<String, Event, OutputRecord> {

  private static final long serialVersionUID = 1L;

  private final LearnAndPredict function;
  private final int cachedKeys;

  private transient WriteBackState<String, ModelState> models;

  /**
   * @param cachedKeys models that each task keeps at hand, at least 1
   */
  @SuppressWarnings("NullAway.Init") // open runs before any event and any snapshot
  LearnAndPredictOperator(LearnAndPredict function, int cachedKeys) {
    super(function);
    this.function = function;
    this.cachedKeys = cachedKeys;
  }

  @Override
  public void open() throws Exception {
    super.open();
    function.keepModelsBehind(this::cached);
  }

  private ValueState<ModelState> cached(ValueState<ModelState> backend) {
    models =
        new WriteBackState<>(
            backend,
            SluiceTypes.MODEL_STATE.createSerializer(getExecutionConfig().getSerializerConfig()),
            cachedKeys,
            () -> (String) getCurrentKey(),
            this::setCurrentKey);
    return models;
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    models.flush();
  }
}

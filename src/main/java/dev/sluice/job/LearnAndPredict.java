package dev.sluice.job;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.event.Answer;
import dev.sluice.event.DeadLetter;
import dev.sluice.event.Evaluation;
import dev.sluice.event.Event;
import dev.sluice.event.Malformed;
import dev.sluice.event.Observation;
import dev.sluice.event.Outcome;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.Reason;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import dev.sluice.state.SluiceTypes;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One key's events in, their answers out. Only translates between Flink's state and the model.
 *
 * <p>Every event gets one answer: an observation its prediction, an outcome its evaluation once
 * both are here, anything else a dead letter. The half that comes first waits in {@code pending}.
 * Whether two halves meet depends on the two events alone (their Kafka timestamps, against the
 * timeout), not on when a timer fires, so a replay decides as the first run did.
 *
 * <p>The champion and the meaning of the stored arrays are operator state: a savepoint needs none
 * of the files that the job once read, and a job whose settings give the arrays another meaning is
 * refused before it touches them.
 */
@SuppressWarnings("NullAway.Init") // Flink calls initializeState, then open, then everything else
final class LearnAndPredict extends KeyedProcessFunction<String, Event, OutputRecord>
    implements CheckpointedFunction {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(LearnAndPredict.class);

  /**
   * Timers fire at multiples of an n-th of the timeout, so that a key's pending halves share them.
   */
  private static final int TIMERS_A_TIMEOUT = 16;

  private final HashMap<String, String> flatSettings;
  private final byte @Nullable [] championBytes;

  private transient JobSettings settings;
  private transient @Nullable Champion champion;
  private transient ListState<byte[]> championState;
  private transient ListState<byte[]> descriptionState;

  private transient OnlineModel online;
  private transient AnswerEncoder encoder;
  private transient ValueState<ModelState> model;
  private transient MapState<String, Pending> pending;
  private transient JobMetrics metrics;
  private transient long timeoutMs;
  private transient long timerStepMs;

  /**
   * @param flatSettings as {@link JobSettings#of} takes them
   * @param championBytes the champion of a start without a savepoint, null for none
   */
  LearnAndPredict(Map<String, String> flatSettings, byte @Nullable [] championBytes) {
    this.flatSettings = new HashMap<>(flatSettings);
    this.championBytes = championBytes;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    settings = JobSettings.of(flatSettings);
    championState = context.getOperatorStateStore().getUnionListState(bytes(Uids.CHAMPION_STATE));
    descriptionState =
        context.getOperatorStateStore().getUnionListState(bytes(Uids.DESCRIPTION_STATE));
    if (context.isRestored()) {
      champion = restoredChampion();
    } else if (championBytes != null) {
      champion = Champion.read(championBytes, settings.championVersion(), settings.model());
    }
    online = new OnlineModel(settings.model(), champion);
    if (context.isRestored()) {
      refuseOtherMeaning();
    }
  }

  private @Nullable Champion restoredChampion() throws Exception {
    Champion restored = null;
    for (byte[] packed : championState.get()) {
      try {
        restored = FirstChampion.unpack(packed, settings);
      } catch (ChampionException e) {
        throw refusal(String.valueOf(e.getMessage()));
      }
    }
    return restored;
  }

  private void refuseOtherMeaning() throws Exception {
    for (byte[] stored : descriptionState.get()) {
      List<String> differences = online.description().differences(ModelDescription.decode(stored));
      if (!differences.isEmpty()) {
        throw refusal(String.join("; ", differences));
      }
    }
  }

  /** Fails the job for good: with the same settings every restart would end here again. */
  private static SuppressRestartsException refusal(String why) {
    return new SuppressRestartsException(
        new SettingsException(
            "the models of this snapshot can't be used with these settings, and nothing was touched: "
                + why
                + ". Start with the snapshot's settings, or without a snapshot to learn anew"));
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    boolean first = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
    championState.update(
        first && champion != null ? List.of(FirstChampion.pack(champion)) : List.of());
    descriptionState.update(first ? List.of(online.description().encode()) : List.of());
  }

  @Override
  public void open(OpenContext context) {
    encoder = new AnswerEncoder(online.labels());
    model =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE));
    pending =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(Uids.PENDING_STATE, Types.STRING, SluiceTypes.PENDING));
    metrics = new JobMetrics(getRuntimeContext().getMetricGroup());
    timeoutMs = settings.outcomeTimeout().toMillis();
    timerStepMs = Math.max(1, timeoutMs / TIMERS_A_TIMEOUT);
    if (champion != null) {
      LOG.info("Learning beside champion version {}: {}", champion.version(), settings.model());
    } else if (settings.champion().isPresent()) {
      LOG.warn(
          "Learning without the champion {}: the snapshot was made without one, and a snapshot's"
              + " models are not mixed with another champion's",
          settings.champion().get());
    } else {
      LOG.info("Learning without a champion: {}", settings.model());
    }
  }

  /** Puts a cache before the models; called once, right after {@link #open}. */
  void keepModelsBehind(UnaryOperator<ValueState<ModelState>> cache) {
    model = cache.apply(model);
  }

  @Override
  public void processElement(Event event, Context context, Collector<OutputRecord> out)
      throws Exception {
    if (event instanceof Observation observation) {
      observe(observation, context, out);
    } else if (event instanceof Outcome outcome) {
      conclude(outcome, context, out);
    } else if (event instanceof Malformed bad) {
      reject(new DeadLetter(bad.raw(), bad.reason(), bad.detail()), out);
    }
  }

  private void observe(Observation observation, Context context, Collector<OutputRecord> out)
      throws Exception {
    long arrivalMs = observation.raw().arrivalMs();
    Pending waiting = waiting(observation.id(), arrivalMs, out);
    if (waiting instanceof Pending.Predicted) {
      String detail = "an observation with id %s is pending already".formatted(observation.id());
      reject(new DeadLetter(observation.raw(), Reason.DUPLICATE_OBSERVATION, detail), out);
      return;
    }
    ModelState state = currentModel();
    OnlineModel.Answered answered = online.predict(state, observation);
    emit(answered.answer(), out);
    metrics.predictions.inc();
    if (waiting instanceof Pending.EarlyOutcome early) {
      pending.remove(observation.id());
      evaluate(state, answered.pending(), early.outcome(), out);
    } else {
      hold(observation.id(), answered.pending(), context);
    }
    model.update(state);
  }

  private void conclude(Outcome outcome, Context context, Collector<OutputRecord> out)
      throws Exception {
    Pending waiting = waiting(outcome.id(), outcome.raw().arrivalMs(), out);
    if (waiting instanceof Pending.Predicted predicted) {
      pending.remove(outcome.id());
      ModelState state = currentModel();
      evaluate(state, predicted, outcome, out);
      model.update(state);
    } else if (waiting instanceof Pending.EarlyOutcome) {
      String detail =
          "an outcome with id %s waits for its observation already".formatted(outcome.id());
      reject(new DeadLetter(outcome.raw(), Reason.DUPLICATE_OUTCOME, detail), out);
    } else {
      hold(outcome.id(), new Pending.EarlyOutcome(outcome), context);
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<OutputRecord> out)
      throws Exception {
    Iterator<Map.Entry<String, Pending>> entries = pending.iterator();
    while (entries.hasNext()) {
      Pending held = entries.next().getValue();
      if (held.arrivalMs() + timeoutMs < timestamp) {
        entries.remove();
        giveUp(held, out);
      }
    }
    if (pending.isEmpty()) {
      pending.clear(); // a heap backend would keep the empty map
    }
  }

  /** What waits under this id; what should have timed out before {@code nowMs} does so now. */
  private @Nullable Pending waiting(String id, long nowMs, Collector<OutputRecord> out)
      throws Exception {
    Pending held = pending.get(id);
    if (held != null && held.arrivalMs() + timeoutMs < nowMs) {
      pending.remove(id);
      giveUp(held, out);
      return null;
    }
    return held;
  }

  private void giveUp(Pending held, Collector<OutputRecord> out) throws IOException {
    if (held instanceof Pending.EarlyOutcome early) {
      String detail =
          "no observation with id %s came within %s ms".formatted(early.outcome().id(), timeoutMs);
      reject(
          new DeadLetter(early.outcome().raw(), Reason.OUTCOME_WITHOUT_OBSERVATION, detail), out);
    } else {
      metrics.outcomesMissed.inc();
    }
  }

  private void hold(String id, Pending half, Context context) throws Exception {
    pending.put(id, half);
    long due = half.arrivalMs() + timeoutMs;
    context.timerService().registerEventTimeTimer((due / timerStepMs + 2) * timerStepMs);
  }

  private void evaluate(
      ModelState state, Pending.Predicted predicted, Outcome outcome, Collector<OutputRecord> out)
      throws IOException {
    Evaluation evaluation = online.evaluate(state, predicted, outcome);
    metrics.evaluations.inc();
    (evaluation.learned() ? metrics.updates : metrics.refusedUpdates).inc();
    emit(evaluation, out);
  }

  private void reject(DeadLetter letter, Collector<OutputRecord> out) throws IOException {
    metrics.deadLetter(letter.reason());
    emit(letter, out);
  }

  private void emit(Answer answer, Collector<OutputRecord> out) throws IOException {
    out.collect(encoder.encode(answer));
  }

  private ModelState currentModel() throws IOException {
    ModelState state = model.value();
    return state == null ? online.newState() : state;
  }

  private static ListStateDescriptor<byte[]> bytes(String name) {
    return new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  }
}

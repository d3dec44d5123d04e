package dev.sluice.job;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Answer;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Answer.DeadLetter;
import dev.sluice.event.Answer.Deferred;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Event.Undecoded;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.PageHinkley;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes the events of one key and emits their answers. Only translates between Flink's state
 * and the model.
 *
 * <p>Every event gets one answer: an observation its prediction, an outcome its evaluation once
 * both have arrived, anything else a dead letter. The half that arrives first waits in {@code
 * pending}. Whether two halves meet depends on the two events alone (their Kafka timestamps,
 * against the timeout), not on when a timer fires, so a replay decides as the first run did. This
 * also applies to models that expire: see {@link ModelExpiry}.
 *
 * <p>The second input delivers control commands to every task: see {@link ControlHistory}.
 */
@SuppressWarnings("NullAway.Init") // Flink calls initializeState, then open, then everything else
final class LearnAndPredict
    extends KeyedCoProcessFunction<String, Event, ControlRecord, OutputRecord>
    implements CheckpointedFunction {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(LearnAndPredict.class);

  private final JobSettings settings;
  private final byte @Nullable [] championBytes;

  private transient ControlledModelState stored;
  private transient ControlHistory history;

  /** Null for a job without lookups. */
  private transient @Nullable PublishedLookups lookups;

  /** The control commands under which the current event is processed. */
  private transient ControlHistory.Version current;

  private transient ModelExpiry expiry;
  private transient PageHinkley drift;
  private transient EventDecoder decoder;
  private transient AnswerEncoder encoder;
  private transient KeyedModel model;
  private transient PendingHalves pending;
  private transient JobMetrics metrics;
  private transient long timeoutMs;
  private transient Forgetting forgetting;
  private transient FeatureWatch watch;
  private transient StoredRules rules;

  /**
   * @param championBytes the champion of a start without a savepoint, null for none
   */
  LearnAndPredict(JobSettings settings, byte @Nullable [] championBytes) {
    this.settings = settings;
    this.championBytes = championBytes;
  }

  /** The champion of a start without a savepoint, null for none. */
  byte @Nullable [] firstChampion() {
    return championBytes;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    stored = new ControlledModelState(context.getOperatorStateStore());
    history =
        context.isRestored()
            ? stored.restored(settings)
            : ControlledModelState.started(settings, championBytes);
    expiry = new ModelExpiry(context.getOperatorStateStore(), settings.models().expireAfter());
    forgetting = new Forgetting(context.getOperatorStateStore());
    watch = new FeatureWatch(context.getOperatorStateStore(), settings.input().toleranceMs());
    rules = new StoredRules(context.getOperatorStateStore());
    LOG.info("{}", history.newest().model());
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    stored.write(isFirst() ? history.stored() : null, settings.topics().control());
    expiry.snapshot(isFirst());
    forgetting.snapshot();
    watch.snapshot(isFirst());
    rules.snapshot(settings.input().rules(), isFirst());
  }

  @Override
  public void open(OpenContext context) {
    drift = new PageHinkley(settings.models().drift());
    decoder = SluiceJob.decoder(settings);
    encoder = new AnswerEncoder(history.newest().model().online().labels());
    current = history.newest();
    timeoutMs = settings.input().outcomeTimeout().toMillis();
    pending =
        new PendingHalves(getRuntimeContext().getMapState(PendingHalves.descriptor()), timeoutMs);
    if (settings.enrich() != null) {
      lookups =
          new PublishedLookups(
              settings, getRuntimeContext().getMapState(PublishedLookups.descriptor()));
    }
    metrics =
        new JobMetrics(
            getRuntimeContext().getMetricGroup(),
            settings.sink().transactionTimeout().toMillis(),
            () -> history.newest().model().championVersion());
    model =
        new KeyedModel(
            getRuntimeContext().getState(KeyedModel.descriptor()), expiry, metrics.modelsExpired);
    forgetting.reach(model, pending);
  }

  JobSettings settings() {
    return settings;
  }

  /** The rules for events that have changed since the snapshot; a phrase each. */
  List<String> changedRules() {
    return rules.differences(settings.input().rules());
  }

  /** The history of control commands; set from {@link #initializeState} on. */
  ControlHistory history() {
    return history;
  }

  /** What lookups published; null for a job without lookups. */
  @Nullable PublishedLookups lookups() {
    return lookups;
  }

  /** The keys that are to be forgotten; set from {@link #initializeState} on. */
  Forgetting forgetting() {
    return forgetting;
  }

  /** The commands that the snapshot has kept apart from its models for a replay. */
  List<ControlRecord> restoredSince() throws Exception {
    return stored.since();
  }

  /** Puts a cache before the models and the pending halves; after {@link #open}. */
  KeyedModel keepBehind(CachedKeys cache) {
    pending.keepBehind(cache::halves);
    model.keepBehind(cache.models());
    return model;
  }

  @Override
  public void processElement1(Event event, Context context, Collector<OutputRecord> out)
      throws Exception {
    current = history.at(event.raw().origin());
    if (event instanceof Undecoded undecoded) {
      process(decoder.decode(undecoded.raw()), context, out);
    } else {
      process(
          lookups != null && history.isReplaying() ? lookups.asPublished(event) : event,
          context,
          out);
    }
  }

  private void process(Event event, Context context, Collector<OutputRecord> out) throws Exception {
    if (event instanceof Observation observation) {
      metrics.looked(watch.look(observation));
      precede(event, observation.key(), null, context, out);
      hear(observation.raw().arrivalMs(), context, out);
      observe(observation, context, out);
    } else if (event instanceof Outcome outcome) {
      metrics.looked(watch.look(outcome));
      precede(event, outcome.key(), outcome.id(), context, out);
      hear(outcome.raw().arrivalMs(), context, out);
      conclude(outcome, context, out);
    } else if (event instanceof DeferRequested postponed) {
      precede(event, SluiceJob.entity(event), null, context, out);
      hear(postponed.raw().arrivalMs(), context, out);
      postpone(postponed.raw(), out);
    } else if (event instanceof Malformed bad) {
      reject(new DeadLetter(bad.raw(), bad.reason(), bad.detail()), out);
    }
  }

  /**
   * Every task obeys, one answers. Runs without a current key: models follow at their next events;
   * only a key to be forgotten is forgotten at once, unless a replay may still need it.
   */
  @Override
  public void processElement2(ControlRecord record, Context context, Collector<OutputRecord> out)
      throws Exception {
    boolean known = history.knows(record);
    ControlReply reply = history.obey(record);
    current = history.newest();
    if (!known && forgetting.take(record, reply) && !history.isReplaying()) {
      forgetAll(context.timerService(), out);
    }
    if (isFirst()) {
      LOG.info("{}", reply);
      (reply.accepted() ? metrics.commandsAccepted : metrics.commandsRejected).inc();
      emit(reply, out);
    }
  }

  /** Forgets the key first if a replay requires it: see {@link OpenForgets}. */
  private void precede(
      Event event,
      String key,
      @Nullable String outcome,
      Context context,
      Collector<OutputRecord> out)
      throws Exception {
    if (forgetting.open().isEmpty()) {
      return;
    }
    boolean waits = outcome != null && !pending.holds(outcome, event.raw().arrivalMs());
    boolean answered = history.isAnswered(event.raw().origin());
    if (forgetting.open().precede(key, current.position(), answered, waits ? outcome : null)) {
      forgetting.forget(
          key, current.position(), context.timerService(), held -> giveUpForgotten(held, out));
    }
  }

  /** Forgets every key that is still to be forgotten; changes the current key. */
  void forgetAll(TimerService timers, Collector<OutputRecord> out) throws Exception {
    forgetting.forgetAll(timers, held -> giveUpForgotten(held, out));
  }

  /** An event of the key has come: a model that expired before it is deleted first. */
  private void hear(long atMs, Context context, Collector<OutputRecord> out) throws Exception {
    ModelState ageing = model.ageing();
    if (ageing == null) {
      return;
    }
    if (model.isOver(ageing, atMs)
        && pending.giveUpOverdue(atMs, held -> giveUp(held, out)) == null) {
      model.expire();
    } else {
      model.heard(ageing, atMs, context.timerService());
    }
  }

  private void observe(Observation observation, Context context, Collector<OutputRecord> out)
      throws Exception {
    if (!current.model().scores(observation.key())) {
      postpone(observation.raw(), out);
      return;
    }
    long arrivalMs = observation.raw().arrivalMs();
    Pending waiting = pending.waiting(observation.id(), arrivalMs, held -> giveUp(held, out));
    if (waiting instanceof Pending.Predicted) {
      String detail = "an observation with id %s is pending already".formatted(observation.id());
      reject(new DeadLetter(observation.raw(), Reason.DUPLICATE_OBSERVATION, detail), out);
      return;
    }
    ModelState state =
        model.at(arrivalMs, observation.key(), current.model(), context.timerService());
    OnlineModel.Answered answered = current.model().online().predict(state, observation);
    if (lookups == null) {
      emit(answered.answer(), out);
    } else {
      emit(encoder.encode(answered.answer(), lookups.found(observation)), out);
    }
    metrics.predicted(answered.pending());
    if (waiting instanceof Pending.EarlyOutcome early) {
      pending.remove(observation.id());
      state = evaluate(state, answered.pending(), early.outcome(), out);
    } else {
      pending.hold(observation.id(), answered.pending(), context.timerService());
    }
    model.update(state);
  }

  private void postpone(RawRecord raw, Collector<OutputRecord> out) {
    metrics.deferred.inc();
    emit(new Deferred(raw), out);
  }

  private void conclude(Outcome outcome, Context context, Collector<OutputRecord> out)
      throws Exception {
    long arrivalMs = outcome.raw().arrivalMs();
    Pending waiting = pending.waiting(outcome.id(), arrivalMs, held -> giveUp(held, out));
    if (waiting instanceof Pending.Predicted predicted) {
      pending.remove(outcome.id());
      ModelState state =
          model.at(arrivalMs, outcome.key(), current.model(), context.timerService());
      model.update(evaluate(state, predicted, outcome, out));
    } else if (waiting instanceof Pending.EarlyOutcome) {
      String detail =
          "an outcome with id %s waits for its observation already".formatted(outcome.id());
      reject(new DeadLetter(outcome.raw(), Reason.DUPLICATE_OUTCOME, detail), out);
    } else {
      pending.hold(outcome.id(), new Pending.EarlyOutcome(outcome), context.timerService());
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<OutputRecord> out)
      throws Exception {
    current = history.newest();
    if (!ModelExpiry.isOwn(timestamp)) {
      pending.fired(timestamp, context.timerService(), held -> giveUp(held, out));
      return;
    }
    KeyHalves.Arrivals left =
        pending.endOverdue(timestamp, context.timerService(), held -> giveUp(held, out));
    // At the end of the input all timers fire at once, but nothing has grown older.
    if (context.timerService().currentWatermark() < Long.MAX_VALUE) {
      long heldUntilMs = left == null ? Long.MIN_VALUE : pending.due(left.latestMs());
      model.expireOrWait(timestamp, heldUntilMs, context.timerService());
    }
  }

  private void giveUp(Pending held, Collector<OutputRecord> out) {
    if (held instanceof Pending.Predicted) {
      metrics.outcomesMissed.inc();
    }
    giveUp(held, "no observation with id %s came within " + timeoutMs + " ms", out);
  }

  private void giveUpForgotten(Pending held, Collector<OutputRecord> out) {
    giveUp(held, "its key was forgotten before an observation with id %s came", out);
  }

  /** An outcome's answer, though its observation has not arrived. */
  private void giveUp(Pending held, String detail, Collector<OutputRecord> out) {
    if (held instanceof Pending.EarlyOutcome early) {
      Outcome outcome = early.outcome();
      metrics.deadLetter(Reason.OUTCOME_WITHOUT_OBSERVATION);
      DeadLetter letter =
          new DeadLetter(
              outcome.raw(), Reason.OUTCOME_WITHOUT_OBSERVATION, detail.formatted(outcome.id()));
      long position = forgetting.open().beforeOpen(outcome.key(), current.position());
      out.collect(encoder.encode(letter).under(Math.max(0, position)));
    }
  }

  /** The model after the outcome. */
  private ModelState evaluate(
      ModelState state, Pending.Predicted predicted, Outcome outcome, Collector<OutputRecord> out)
      throws IOException {
    boolean learn = current.model().learns(outcome.key());
    boolean judged = current.model().online().isJudgedBy(state, predicted);
    Evaluation evaluation = current.model().online().evaluate(state, predicted, outcome, learn);
    metrics.evaluated(evaluation, learn, judged ? state.drift : null);
    emit(evaluation, out);
    return judged && drift.observe(state.drift, evaluation.challenger().loss())
        ? drifted(state, outcome.key())
        : state;
  }

  private ModelState drifted(ModelState state, String key) {
    metrics.driftAlarms.inc();
    LOG.warn(
        "The losses of key {} have become larger after {} outcomes, alarm {}; its challenger {}",
        key,
        state.evaluations,
        state.drift.alarms,
        drift.resets() ? "begins again" : "continues");
    return drift.resets() ? current.model().online().begunAnew(state) : state;
  }

  private void reject(DeadLetter letter, Collector<OutputRecord> out) {
    metrics.deadLetter(letter.reason());
    emit(letter, out);
  }

  private void emit(Answer answer, Collector<OutputRecord> out) {
    emit(encoder.encode(answer), out);
  }

  private void emit(OutputRecord answer, Collector<OutputRecord> out) {
    out.collect(answer.under(Math.max(0, current.position())));
  }

  private boolean isFirst() {
    return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
  }
}

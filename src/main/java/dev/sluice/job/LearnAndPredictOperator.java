package dev.sluice.job;

import dev.sluice.enrich.EnrichSettings;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.fence.CoordinatorClient;
import dev.sluice.fence.FenceMode;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.OriginSet;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelState;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.settings.SluiceOptions;
import dev.sluice.state.KeyCache;
import dev.sluice.state.SluiceTypes;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.SimpleTimerService;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs {@link LearnAndPredict} with a write-back cache before its models and its pending halves,
 * flushed before each snapshot, and with a clock that the events alone drive: the control commands
 * have no time, and waiting for theirs would hold every timeout up.
 *
 * <p>While all partitions are quiet ({@link IdleAwareWatermarks}), the clock advances at wall-clock
 * pace from the latest time that any of them has reported, so that an outcome without an
 * observation becomes a dead letter even if no other record ever comes. Records that come after
 * that may be older than the clock; it never goes back, but waits until they have passed it. Before
 * the first record after a start or restore there is no time to start from, and it does not
 * advance.
 */
class LearnAndPredictOperator
    extends KeyedCoProcessOperator<String, Event, ControlRecord, OutputRecord> {

  private static final long serialVersionUID = 1L;

  private static final int COMMANDS = 1;

  /** Between two moves of the clock while everything is quiet. */
  private static final long TICK_MS = 1_000;

  /** What Flink calls the timers of a function, in snapshots, too. */
  private static final String USER_TIMERS = "user-timers";

  /** How Flink's RocksDB backend calls itself. */
  private static final String ROCKSDB = "rocksdb";

  private static final Logger LOG = LoggerFactory.getLogger(LearnAndPredictOperator.class);

  private final LearnAndPredict function;
  private final JobSettings.Cache cache;
  private final ControlGate gate;

  private transient boolean restored;
  private transient long passedNanos;
  private transient long snapshots;
  private transient long timeIsUpAt;
  private transient @Nullable CoordinatorClient fence;
  private transient CachedKeys keys;
  private transient long clockMs;
  private transient @Nullable ScheduledFuture<?> ticks;

  /**
   * @param cache how much each task caches
   * @param gate reads the models that commands name, when a replay carries commands out again
   */
  @SuppressWarnings("NullAway.Init") // open runs before any event and any snapshot
  LearnAndPredictOperator(LearnAndPredict function, JobSettings.Cache cache, ControlGate gate) {
    super(function);
    this.function = function;
    this.cache = cache;
    this.gate = gate;
  }

  @Override
  public void open() throws Exception {
    clockMs = Long.MIN_VALUE;
    timeIsUpAt = -1;
    super.open();
    keys = cached();
    KeyedModel model = function.keepBehind(keys);
    function.forgetting().restore(this::owns, this::setCurrentKey);
    if (model.timersAreMissing()) {
      setModelTimers();
    }
    super.processWatermarkStatus(WatermarkStatus.IDLE, COMMANDS);
    if (restored) {
      prepareReplay(function.history());
      awaitOtherSubtasks();
    }
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    restored = context.isRestored();
    if (!restored) {
      refuseLargeChampion(ModelLimit.here(taskManager()));
    }
    super.initializeState(context);
  }

  private ReadableConfig taskManager() {
    return getContainingTask().getEnvironment().getTaskManagerInfo().getConfiguration();
  }

  /** The program that read it may not know what the tasks here can hold; nor could a restart. */
  private void refuseLargeChampion(ModelLimit limit) {
    byte[] champion = function.firstChampion();
    try {
      if (champion != null) {
        limit.check(champion.length);
      }
    } catch (ChampionException e) {
      throw new SuppressRestartsException(
          new SettingsException(
              "%s: %s".formatted(SluiceOptions.CHAMPION_URI.key(), e.getMessage())));
    }
  }

  /** Before the first event: see {@link ControlHistory}. */
  private void prepareReplay(ControlHistory history) throws Exception {
    if (history.newest().position() == ControlHistory.UNKNOWN) {
      LOG.warn(
          "The snapshot does not record which control commands it has followed: no command has come"
              + " since an earlier release ran the job, or {} has changed. If answers are committed"
              + " beyond it, commands that are replayed may take effect at other events than"
              + " before",
          SluiceOptions.CONTROL.key());
    }
    boolean fenced = function.settings().sink().fence().mode() != FenceMode.OFF;
    AheadAnswers ahead = fenced ? committedBeyond() : new AheadAnswers();
    if (ahead.origins().isEmpty()) {
      function.restoredSince().forEach(history::carryOut);
      return;
    }
    List<String> changed = function.changedRules();
    if (!changed.isEmpty()) {
      tellChangedRules(changed);
    }
    history.beginReplay(ahead);
    function.restoredSince().forEach(history::carryOut);
    if (history.newest().position() != ControlHistory.UNKNOWN) {
      carryOutCommitted(history, ahead);
    }
    PublishedLookups lookups = function.lookups();
    if (lookups != null) {
      keepLookups(lookups, ahead.origins());
    }
    LOG.info("A replay begins with {}", history.newest());
  }

  /** Not refused: answers stay ahead in later snapshots, when no input of theirs comes any more. */
  void tellChangedRules(List<String> changed) {
    LOG.warn(
        "Answers are committed beyond the snapshot, and the rules for events have changed: {}. An"
            + " input that comes again and is judged otherwise now keeps its committed answer, but"
            + " the models learn by the new rules: an outcome may find no observation, or be"
            + " evaluated without a published prediction. To avoid that, start with the rules of"
            + " before, and change them after a stop with a savepoint",
        String.join("; ", changed));
  }

  /** Of the subtask's keys: see {@link PublishedLookups}. */
  private void keepLookups(PublishedLookups lookups, OriginSet ahead) throws Exception {
    committedLookups(
        this::owns,
        (key, input, answer) -> {
          if (ahead.contains(input)) {
            setCurrentKey(key);
            lookups.keep(input, answer);
          }
        });
  }

  /** What nothing has asked for: inputs that came before the snapshot. */
  private void dropLookups() throws Exception {
    if (function.lookups() != null) {
      this.<String>getKeyedStateBackend()
          .applyToAllKeys(
              VoidNamespace.INSTANCE,
              VoidNamespaceSerializer.INSTANCE,
              PublishedLookups.descriptor(),
              (key, state) -> state.clear());
    }
  }

  /** What was looked up for answers that are committed beyond the snapshot. */
  void committedLookups(Predicate<String> isMine, CommittedLookups.Keeper keeper) throws Exception {
    CoordinatorClient client = Objects.requireNonNull(fence);
    new CommittedLookups(function.settings(), isMine).read(client.from(), keeper);
  }

  /** See {@link CoordinatorClient#awaitRestored}; with the fence off there is no meeting. */
  void awaitOtherSubtasks() throws Exception {
    if (fence != null) {
      fence.awaitRestored();
    }
  }

  private void carryOutCommitted(ControlHistory history, AheadAnswers ahead) throws Exception {
    long from = history.newest().position();
    long to = ControlHistory.committedPosition(ahead);
    if (to <= from) {
      return;
    }
    for (ControlRecord record : commands(from, to, ahead.journal())) {
      function.forgetting().take(record, history.carryOut(record));
    }
  }

  /** What is committed beyond the snapshot, as the fence behind this operator has found. */
  AheadAnswers committedBeyond() throws Exception {
    fence =
        new CoordinatorClient(
            getContainingTask().getEnvironment().getOperatorCoordinatorEventGateway(),
            getRuntimeContext().getTaskInfo());
    return fence.ahead();
  }

  /**
   * The commands of a range of the control topic, with their models.
   *
   * @param from the first offset
   * @param to the end, exclusive
   */
  List<ControlRecord> commands(long from, long to, AnswerJournal journal) throws Exception {
    return new ReplayedCommands(function.settings(), gate, journal).read(from, to);
  }

  /** Whether the sources have passed everything that is committed beyond the snapshot. */
  boolean replayIsOver() throws Exception {
    return fence == null || fence.passed();
  }

  /** Whether no event can come any more whose answer was committed beyond the snapshot. */
  private boolean nothingComesAgain() throws Exception {
    return replayIsOver() && lookupsHaveEnded();
  }

  /**
   * With lookups an event may still wait for its own when later ones of its partition have passed
   * the fence. Each lookup has a time-out, so the replay is kept for longer than any takes, and
   * then until the next checkpoint: what has left the lookups before its barrier has come by then.
   */
  private boolean lookupsHaveEnded() {
    EnrichSettings lookups = function.settings().enrich();
    if (lookups == null) {
      return true;
    }
    long now = System.nanoTime();
    passedNanos = passedNanos == 0 ? now : passedNanos;
    if (timeIsUpAt < 0 && now - passedNanos > 2 * lookups.patience().timeout().toNanos()) {
      timeIsUpAt = snapshots;
    }
    return timeIsUpAt >= 0 && snapshots > timeIsUpAt;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    ControlHistory history = function.history();
    if (history.isReplaying() && nothingComesAgain()) {
      history.endReplay();
      dropLookups();
    }
    snapshots++;
    super.snapshotState(context);
  }

  @Override
  protected void processWatermarkStatus(WatermarkStatus status, int input) throws Exception {
    if (input != COMMANDS) {
      super.processWatermarkStatus(status, input);
      if (ticks != null) {
        ticks.cancel(false);
      }
      ticks =
          status.isIdle()
              ? getProcessingTimeService()
                  .scheduleAtFixedRate(now -> goOnWithoutRecords(), TICK_MS, TICK_MS)
              : null;
    }
  }

  /** Far from the end of time, which would end every timer. */
  private void goOnWithoutRecords() throws Exception {
    if (clockMs > Long.MIN_VALUE && clockMs < Long.MAX_VALUE - 2 * TICK_MS) {
      processWatermark(new Watermark(clockMs + TICK_MS));
    }
  }

  /** Never backwards: Flink's own timers would follow. */
  @Override
  public void processWatermark(Watermark mark) throws Exception {
    if (mark.getTimestamp() > clockMs) {
      clockMs = mark.getTimestamp();
      super.processWatermark(mark);
    }
  }

  @Override
  public void processWatermark2(Watermark mark) {
    // The commands' input stays idle from open on.
  }

  /** Once after a changed setting: goes through all stored keys, but reads no model itself. */
  private void setModelTimers() throws Exception {
    InternalTimerService<VoidNamespace> timers = timers();
    this.<String>getKeyedStateBackend()
        .applyToAllKeys(
            VoidNamespace.INSTANCE,
            VoidNamespaceSerializer.INSTANCE,
            KeyedModel.descriptor(),
            (key, state) ->
                timers.registerEventTimeTimer(VoidNamespace.INSTANCE, ModelExpiry.AT_ONCE));
  }

  private InternalTimerService<VoidNamespace> timers() {
    return getInternalTimerService(USER_TIMERS, VoidNamespaceSerializer.INSTANCE, this);
  }

  private boolean owns(String key) {
    TaskInfo task = getRuntimeContext().getTaskInfo();
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(
            key, task.getMaxNumberOfParallelSubtasks(), task.getNumberOfParallelSubtasks())
        == task.getIndexOfThisSubtask();
  }

  private CachedKeys cached() {
    TypeSerializer<ModelState> serializer =
        SluiceTypes.MODEL_STATE.createSerializer(getExecutionConfig().getSerializerConfig());
    boolean onHeap = keepsReferences(getKeyedStateBackend());
    KeyCache.Limit limit = CacheLimit.here(cache, taskManager(), onHeap);
    LOG.info(
        "Keeps models and pending observations of {} keys in {} bytes of the heap at most",
        cache.keys() == null ? "all" : limit.keys(),
        limit.bytes());
    return new CachedKeys(
        limit,
        getRuntimeContext().getState(KeyedModel.descriptor()),
        getRuntimeContext().getMapState(PendingHalves.descriptor()),
        onHeap ? serializer::copy : UnaryOperator.identity(),
        () -> (String) getCurrentKey(),
        this::setCurrentKey);
  }

  /** Every backend but RocksDB may: see {@link dev.sluice.state.CachedValue}. */
  static boolean keepsReferences(KeyedStateBackend<?> backend) {
    return !backend.getBackendTypeIdentifier().equals(ROCKSDB);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    boolean hasToForget = !function.forgetting().open().isEmpty();
    if (hasToForget && (!function.history().isReplaying() || nothingComesAgain())) {
      // Answers that come behind the barrier would not belong to the snapshot.
      function.forgetAll(new SimpleTimerService(timers()), getCollector());
    }
    keys.flush();
  }
}

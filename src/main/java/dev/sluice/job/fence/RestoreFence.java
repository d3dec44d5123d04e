package dev.sluice.job.fence;

import dev.sluice.event.OutputRecord;
import dev.sluice.job.Uids;
import dev.sluice.ledger.Fence;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.state.SluiceTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TODO argument. */
@SuppressWarnings("NullAway.Init") // Flink calls initializeState, then open, then everything else
final class RestoreFence extends AbstractStreamOperator<OutputRecord>
    implements OneInputStreamOperator<OutputRecord, OutputRecord> {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RestoreFence.class);

  /** How long a snapshot waits for the brokers, in ms; it can do with what it knew before. */
  private static final long NOTE_PATIENCE_MS = 1_000;

  private final FenceSettings settings;

  private transient ListState<FenceNote> notes;
  private transient ListState<OpenInterval> intervals;
  private transient ListState<OriginSet> aheadState;
  private transient OptionalLong restoredId;

  private transient OutputLog log;
  private transient MeetingRoom meetingRoom;
  private transient Fence fence;
  private transient OriginSet ahead;
  private transient SortedMap<Partition, Long> stableEnds;
  private transient CompletableFuture<SortedMap<Partition, Long>> asked;

  private transient long durationMs;
  private transient long recordsRead;
  private transient long bytesRead;

  RestoreFence(StreamOperatorParameters<OutputRecord> parameters, FenceSettings settings) {
    super(parameters);
    this.settings = settings;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    OperatorStateStore store = context.getOperatorStateStore();
    notes =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.FENCE_NOTES, SluiceTypes.FENCE_NOTE));
    intervals =
        store.getListState(
            new ListStateDescriptor<>(Uids.FENCE_INTERVALS, SluiceTypes.OPEN_INTERVAL));
    aheadState =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.FENCE_AHEAD, SluiceTypes.ORIGIN_SET));
    restoredId = context.getRestoredCheckpointId();
  }

  @Override
  public void open() throws Exception {
    super.open();
    log = new OutputLog(settings);
    TaskInfo task = getRuntimeContext().getTaskInfo();
    meetingRoom =
        new MeetingRoom(
            getContainingTask().getEnvironment().getOperatorCoordinatorEventGateway(),
            getOperatorID(),
            task.getIndexOfThisSubtask(),
            task.getAttemptNumber());
    long began = System.nanoTime();
    ahead = new OriginSet();
    if (restoredId.isEmpty()) {
      refuseExistingAnswers(task);
    } else if (settings.mode() != FenceMode.OFF) {
      compareWithOutput(task);
    }
    stableEnds = log.await(log.stableEnds());
    asked = CompletableFuture.completedFuture(stableEnds);
    fence = new Fence(restoredId.orElse(0), ahead, settings.mode() != FenceMode.OFF);
    durationMs = (System.nanoTime() - began) / 1_000_000;
    LOG.info(
        "Restore fence ({}) is ready after {} ms: read {} records, {} bytes",
        settings.mode(),
        durationMs,
        recordsRead,
        bytesRead);
    registerMetrics();
  }

  /** A forgotten snapshot: without one every input would be answered a second time. */
  private void refuseExistingAnswers(TaskInfo task) throws IOException, InterruptedException {
    if (task.getIndexOfThisSubtask() == 0) {
      try {
        ExistingAnswers.refuse(settings);
      } catch (RefusedException e) {
        throw e.forGood();
      }
    }
  }

  private void compareWithOutput(TaskInfo task) throws Exception {
    List<FenceNote> all = list(notes);
    if (all.isEmpty()) {
      LOG.warn(
          "Restore fence: the snapshot was made by a job without a fence; whether answers are missing or"
              + " will be doubled is not checked this time");
      return;
    }
    FenceNote note = FenceNote.merge(all);
    OutputRange range =
        OutputRange.share(
            task.getIndexOfThisSubtask(),
            task.getNumberOfParallelSubtasks(),
            note,
            log.beginnings(),
            log.ends());
    CommittedOrigins committed =
        new CommittedOrigins(
            settings,
            new OpenTransactions(
                log.admin(), settings.transactionalIdPrefix(), note.checkpointId()));
    OriginSet found = committed.read(range.from(), range.to());
    recordsRead = committed.records();
    bytesRead = committed.bytes();
    ahead.addAll(meetingRoom.meet(new FenceReport(note, list(intervals), found, range.problems())));
    list(aheadState).forEach(ahead::addAll);
    ahead.compress();
  }

  @Override
  public void processElement(StreamRecord<OutputRecord> answer) {
    if (fence.passes(answer.getValue().origin())) {
      output.collect(answer);
    }
  }

  /** Asks while the sink flushes; any moment before the snapshot's end would do. */
  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    asked = log.stableEnds();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    noteStableEnds();
    boolean first = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
    FenceNote note =
        new FenceNote(
            getRuntimeContext().getJobInfo().getJobId().toHexString(),
            context.getCheckpointId(),
            fence.settledId(),
            settings.mode() != FenceMode.OFF,
            stableEnds,
            fence.passed());
    notes.update(List.of(note));
    intervals.update(fence.snapshot(context.getCheckpointId()));
    aheadState.update(first && !ahead.isEmpty() ? List.of(ahead) : List.of());
    if (!ahead.isEmpty() && !meetingRoom.passed()) {
      meetingRoom.progress(note, fence.suppressed());
    }
  }

  /** An older note stays true: it only makes a restore read more. */
  private void noteStableEnds() throws InterruptedException {
    try {
      stableEnds = asked.get(NOTE_PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The ends of the output topics are not known, earlier ones are noted: {}", e);
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    fence.settled(checkpointId);
  }

  private void registerMetrics() {
    MetricGroup group = getMetricGroup().addGroup("sluice");
    group.gauge("answersSuppressed", (Gauge<Long>) () -> fence.suppressed());
    group.gauge("fenceDurationMs", (Gauge<Long>) () -> durationMs);
    group.gauge("fenceRecordsRead", (Gauge<Long>) () -> recordsRead);
    group.gauge("fenceBytesRead", (Gauge<Long>) () -> bytesRead);
  }

  @Override
  public void close() throws Exception {
    if (log != null) {
      log.close();
    }
    super.close();
  }

  private static <T> List<T> list(ListState<T> state) throws Exception {
    List<T> all = new ArrayList<>();
    state.get().forEach(all::add);
    return all;
  }
}

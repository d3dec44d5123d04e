package dev.sluice.fence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.OutputRecord;
import dev.sluice.kafka.OpenTransactions;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.Fence;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.TransactionDeadline;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exactly once by origin: gives no answer that the output holds already, and fails the job when an
 * answer is missing that the snapshot counts as given. It is directly before the sink, in the same
 * task. One instance for each subtask; everything here is called by the task's thread.
 *
 * <h2>What it guarantees</h2>
 *
 * <p>Whatever complete snapshot a job is restored from, and however often: a read_committed reader
 * of the output topics finds, for each input record that the job has passed, one answer at most;
 * and the job runs only if it finds one for each that the snapshot counts as answered. So neither a
 * restore from behind a commit (an older savepoint, a second resume, a JobManager that died between
 * the commit and FINISHED) nor a transaction that was aborted or has expired before its commit goes
 * undetected: the first is made harmless, the second is refused, naming the snapshot to restore
 * instead.
 *
 * <h2>Under which assumptions</h2>
 *
 * <ol>
 *   <li>Each input record has one answer, which carries the record's topic, partition and offset as
 *       its origin header; no program strips it.
 *   <li>The output topics still hold what was committed since the snapshot: they are deleted by
 *       time or size, not compacted. Deleted records are detected by their offsets, and the restore
 *       is refused.
 *   <li>One job at a time writes with the transactional-id prefix: an attempt that Flink has
 *       abandoned completes no checkpoint any more. Its open transactions may still exist.
 *   <li>The fence, the writer and the committer of a subtask are one task, which is refused
 *       otherwise.
 *   <li>Checkpoints are exactly-once (any other mode is refused), with at most one in flight, and
 *       the sink commits a transaction only after the snapshot that ends its interval is complete
 *       in all subtasks.
 * </ol>
 *
 * <h2>What a snapshot notes, and why that is enough</h2>
 *
 * <p>In snapshot N each subtask notes, for each output partition, the <i>last stable offset</i>: an
 * offset below which every transaction had ended when it asked. It also keeps the origins of all
 * answers that it has passed on since the last snapshot that it knows to be complete: its <i>open
 * intervals</i>, what lies in the transactions that the savepoint's committables name. Let L be the
 * smallest of all subtasks' notes for a partition.
 *
 * <p><b>(1) Every answer of an open interval lies at L or above.</b> Its transaction is open when
 * its own subtask snapshots: the sink commits at the notification, which also ends the interval
 * here. So its subtask has asked either while the transaction was open, with the last stable offset
 * at or below its first record, or before that record was written, with the end of the log below
 * it. The other subtasks' notes can only make L smaller. The high watermark instead would be wrong:
 * transactions of several subtasks lie interleaved in one partition, and the end of the log is
 * above their records.
 *
 * <p><b>(2) Every answer that is committed beyond N lies at L or above.</b> A subtask writes it
 * after its own snapshot N, so behind the end of the log at the time of its note, and the last
 * stable offset is not above that end.
 *
 * <p>An older note than the last is legal, since last stable offsets never go back: so a broker
 * that does not answer delays no snapshot, and the question may be asked while the sink flushes.
 *
 * <h2>What a restore does, step by step</h2>
 *
 * <ol>
 *   <li>Flink initialises the operators of a task from the tail. First the committer commits the
 *       snapshot's pending transactions once more: what was committed stays so, what was aborted or
 *       forgotten by the brokers stays as it is with only a log line (see {@link StrictCommitter}),
 *       what was still open is committed now. Then the writer aborts the transactions that its
 *       predecessors left open after the snapshot. The fence is last.
 *   <li>It takes the end E of each output partition of its share (the high watermark: everything
 *       that any earlier attempt wrote is below) and reads from L to E with read_committed. The
 *       consumer is given nothing above the last stable offset, so the read takes until every
 *       transaction with a record below E has ended: those of the other subtasks, too, by their
 *       committers and writers, which wait for no fence. A transaction that an earlier attempt left
 *       under a name that Flink does not guess is ended by the first subtask, as soon as all have
 *       arrived (see {@link OpenTransactions}); one of another program is waited for, and named
 *       when the time-out expires.
 *   <li>All subtasks send what they found to the coordinator and <i>wait for each other</i>.
 *       Without that, a subtask that is ready early would write in a transaction that ends with the
 *       next checkpoint, a late one would find the transaction below its E and wait for it, and no
 *       checkpoint could come before it has started: a deadlock. There is none, because the end of
 *       earlier attempts' transactions and the other subtasks' reads never wait for an answer to
 *       pass.
 *   <li>With C, the origins of what is committed from L to E: origins of open intervals that are
 *       not in C are <b>missing</b> (by (1) they would be in C if they were committed at all). Then
 *       the coordinator fails the job, without a restart. Nothing was written; the transactions
 *       that were committed in the first step were complete and due.
 *   <li>The rest of C is <b>ahead</b>: by (2) it contains every answer that was committed beyond N.
 *       It may contain answers from before N whose transaction ended after a note was taken; their
 *       inputs are never read again, so they do no harm. An answer whose origin is ahead is not
 *       passed on; the model learns from its input under the control commands that the answer names
 *       (see {@code ControlHistory}), so the replay is bit-identical.
 *   <li>A record in C that names an input which does not exist yet was not written by any attempt
 *       of the job: it is counted, logged, and suppresses nothing.
 * </ol>
 *
 * <p>The tasks synchronise once more when all of their state is restored, and answer no event
 * before: a transaction that one of them opens stays open until the first checkpoint, which cannot
 * begin before the last one has restored (see {@link CoordinatorClient#awaitRestored}).
 *
 * <p>Why the stop is safe: stop-with-savepoint N commits between "savepoint complete" and FINISHED.
 * If the JobManager dies before the notification, the transactions of N are neither committed nor
 * pending in the checkpoint M &lt; N that is restored: the writers abort them and the inputs are
 * answered again. If it dies after some subtasks committed and before others did, the answers of
 * the first are ahead and those of the others are aborted: each origin is judged for itself. If it
 * dies after all committed, all are ahead.
 *
 * <h2>Snapshots while answers are suppressed</h2>
 *
 * <p>A snapshot K &gt; N notes newer ends, above the answers that are ahead, while sources have not
 * passed all of their inputs: a restore from K would not find them again. So the origins that are
 * ahead go into every snapshot after the restore (once, by the first subtask) and are ahead again
 * after a restore from it, together with what is found beyond K. Those whose inputs have passed
 * since are no longer needed and do no harm: an input passes once. They are kept even when the
 * sources have passed them all, because an answer may be late: an outcome that was dead-lettered by
 * its timeout and now waits for a timer again. The first committed answer counts, and a set without
 * gaps takes a few bytes. From then on the fence costs one comparison of two numbers and one bit
 * for each answer.
 *
 * <h2>Rescaling, several topics, new partitions</h2>
 *
 * <p>Notes and the answers ahead are union state, open intervals are distributed one by one: each
 * is compared by exactly one subtask of any parallelism, at the coordinator, and nothing depends on
 * which subtask answers which key. Origins name topic and partition, so the number of input topics
 * and partitions does not matter, nor does it which output topic holds an answer. An output
 * partition that a note does not know is read from its beginning; one without records is read to
 * its end at once.
 *
 * <h2>What it cannot see</h2>
 *
 * <ul>
 *   <li>Answers of a transaction that could not be committed while the job ran with the fence
 *       {@code off}: the next checkpoint counts them as settled. With the fence on there are none:
 *       {@link StrictCommitter} fails the task, and the restore is checked here; and {@link
 *       TransactionDeadline} fails it before, if a transaction could expire before its snapshot is
 *       complete.
 *   <li>A record of another program in an output topic that names an input which exists and is not
 *       answered yet: it seems to be an answer, and suppresses the real one.
 *   <li>Two jobs with one prefix at a time, or an attempt that completes a checkpoint after Flink
 *       has abandoned it.
 *   <li>Input topics that were deleted and created again under the same name: origins would mean
 *       other records.
 *   <li>A snapshot of a job without a fence: it is restored with a warning, unchecked. After a run
 *       with the fence {@code off}, what is ahead is found but not what is missing; what earlier
 *       restores held as ahead is kept through such a run.
 * </ul>
 *
 * <p>Sources: KIP-98 (transactions, last stable offset), FLIP-143 and FLIP-191 (two-phase-commit
 * sinks), FLIP-34 (stop-with-savepoint), KIP-664 (describing and ending hanging transactions).
 */
@SuppressWarnings("NullAway.Init") // Flink calls initializeState, then open, then everything else
final class RestoreFence extends AbstractStreamOperator<OutputRecord>
    implements OneInputStreamOperator<OutputRecord, OutputRecord> {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RestoreFence.class);

  private final FenceSettings settings;
  private final TransactionDeadline.Limits limits;

  private transient FenceState state;
  private transient OptionalLong restoredId;
  private transient OutputOffsets log;
  private transient CoordinatorClient coordinator;
  private transient Fence fence;
  private transient TransactionDeadline deadline;
  private transient AheadAnswers ahead;
  private transient SortedMap<Partition, Long> passedBefore;
  private transient AnswerJournal replies;
  private transient long repliesChanged;
  private transient long durationMs;
  private transient long recordsRead;
  private transient long bytesRead;

  RestoreFence(
      StreamOperatorParameters<OutputRecord> parameters,
      FenceSettings settings,
      TransactionDeadline.Limits limits) {
    super(parameters);
    this.settings = settings;
    this.limits = limits;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state = new FenceState(context.getOperatorStateStore());
    restoredId = context.getRestoredCheckpointId();
  }

  @Override
  public void open() throws Exception {
    super.open();
    refuseUnsafeTask();
    log = new OutputOffsets(settings);
    TaskInfo task = getRuntimeContext().getTaskInfo();
    coordinator =
        new CoordinatorClient(
            getContainingTask().getEnvironment().getOperatorCoordinatorEventGateway(),
            getOperatorID(),
            task);
    boolean on = settings.isOn();
    long began = System.nanoTime();
    ahead = state.ahead();
    passedBefore = new TreeMap<>();
    if (restoredId.isEmpty()) {
      refuseExistingAnswers(task);
    } else if (on) {
      compareWithOutput(task);
    }
    log.note();
    // Off, it suppresses nothing, but keeps what is ahead for a run with the fence on.
    AheadAnswers suppressed = on ? ahead : new AheadAnswers();
    fence = new Fence(restoredId.orElse(0), suppressed.origins(), on, passedBefore);
    replies = suppressed.journal();
    deadline =
        new TransactionDeadline(
            limits,
            settings.exactlyOnce() && on,
            System::currentTimeMillis,
            () -> System.nanoTime() / 1_000_000);
    durationMs = (System.nanoTime() - began) / 1_000_000;
    LOG.info(
        "Restore fence ({}) is ready after {} ms: read {} records, {} bytes",
        settings.mode(),
        durationMs,
        recordsRead,
        bytesRead);
    registerMetrics();
  }

  /**
   * The start checks the mode, too, but only of jobs submitted through it; the task's own
   * configuration is what Flink aligns checkpoints by. Across a network exchange, the sink's
   * transactions would not be settled before this fence starts.
   */
  private void refuseUnsafeTask() throws SuppressRestartsException {
    CheckpointingMode mode =
        CheckpointingOptions.getCheckpointingMode(
            getContainingTask().getEnvironment().getJobConfiguration());
    if (settings.exactlyOnce() && mode != CheckpointingMode.EXACTLY_ONCE) {
      throw Refusal.ofCheckpoints(mode).forGood();
    }
    if (settings.isOn() && getOperatorConfig().isChainEnd()) {
      throw new RefusedException(
              "the restore fence must run in one task with the sink behind it, but Flink has put a network "
                  + "between them; set pipeline.operator-chaining.enabled: true, or sluice.restore-fence: off")
          .forGood();
    }
  }

  /** A forgotten snapshot: without one every input would be answered a second time. */
  private void refuseExistingAnswers(TaskInfo task) throws IOException, InterruptedException {
    if (task.getIndexOfThisSubtask() == 0 && settings.exactlyOnce()) {
      try {
        ExistingAnswers.refuse(settings);
      } catch (RefusedException e) {
        throw e.forGood();
      }
    }
  }

  private void compareWithOutput(TaskInfo task) throws Exception {
    List<FenceNote> all = state.notes();
    if (all.isEmpty()) {
      LOG.warn(
          "Restore fence: the snapshot was made by a job without a fence; whether answers are missing or"
              + " will be doubled is not checked this time");
      coordinator.skip();
      return;
    }
    FenceNote note = FenceNote.merge(all);
    OpenTransactions transactions = log.transactions();
    passedBefore = note.passed();
    coordinator.gather();
    boolean first = task.getIndexOfThisSubtask() == 0;
    if (first) {
      transactions.abortOurs();
    }
    OutputRange range =
        OutputRange.share(
            task.getIndexOfThisSubtask(),
            task.getNumberOfParallelSubtasks(),
            note,
            log.beginnings(),
            log.ends());
    CommittedOrigins committed =
        new CommittedOrigins(
            settings, transactions, new Inputs(log.inputEnds(), passedBefore)::contain);
    FenceReport report =
        committed.report(range, note, state.intervals(), first ? ahead : new AheadAnswers());
    recordsRead = committed.records();
    bytesRead = committed.bytes();
    ahead = coordinator.meet(report);
  }

  @Override
  public void processElement(StreamRecord<OutputRecord> answer) {
    if (fence.passes(answer.getValue().origin())) {
      deadline.answered();
      output.collect(answer);
    } else {
      compareReply(answer.getValue());
    }
  }

  /** A command whose result differs from the committed reply has changed the models. */
  private void compareReply(OutputRecord suppressed) {
    byte[] reply = replies.replyTo(suppressed.origin());
    if (reply != null && !Arrays.equals(reply, suppressed.value())) {
      repliesChanged++;
      LOG.error(
          "The command at {} was answered {} before the restore and is answered {} now: the models"
              + " may differ from what is published. Restore a newer snapshot, or put back what the"
              + " command names",
          suppressed.origin(),
          new String(reply, UTF_8),
          suppressed.value() == null ? "nothing" : new String(suppressed.value(), UTF_8));
    }
  }

  /** Asks while the sink flushes; any moment before the snapshot's end would do. */
  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    log.ask();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    deadline.snapshot(context.getCheckpointId(), context.getCheckpointTimestamp());
    boolean first = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
    FenceNote note =
        new FenceNote(
            getRuntimeContext().getJobInfo().getJobId().toHexString(),
            context.getCheckpointId(),
            fence.settledId(),
            settings.isOn(),
            log.noted(),
            fence.passed());
    state.write(
        note, fence.snapshot(context.getCheckpointId()), first ? ahead : new AheadAnswers());
    if (!ahead.origins().isEmpty() && settings.isOn() && !coordinator.knowsPassed()) {
      coordinator.progress(note, fence.suppressed());
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    fence.settled(checkpointId);
    deadline.settled(checkpointId);
  }

  private void registerMetrics() {
    MetricGroup group = getMetricGroup().addGroup("sluice");
    group.gauge(FenceMetric.ANSWERS_SUPPRESSED, (Gauge<Long>) () -> fence.suppressed());
    group.gauge(FenceMetric.REPLIES_CHANGED, (Gauge<Long>) () -> repliesChanged);
    group.gauge(FenceMetric.FENCE_DURATION, (Gauge<Long>) () -> durationMs);
    group.gauge(FenceMetric.FENCE_RECORDS_READ, (Gauge<Long>) () -> recordsRead);
    group.gauge(FenceMetric.FENCE_BYTES_READ, (Gauge<Long>) () -> bytesRead);
  }

  @Override
  public void close() throws Exception {
    if (log != null) {
      log.close();
    }
    super.close();
  }
}

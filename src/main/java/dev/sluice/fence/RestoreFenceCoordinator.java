package dev.sluice.fence;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.RestoreBarrier;
import dev.sluice.ledger.Verdict;
import dev.sluice.state.FenceNoteSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationRequestHandler;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.SerializedThrowable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the subtasks of a restored fence together, in the JobManager. Holds nothing that a
 * snapshot would have to keep. Every method is called by the JobMaster's main thread.
 */
final class RestoreFenceCoordinator implements OperatorCoordinator, CoordinationRequestHandler {

  private static final Logger LOG = LoggerFactory.getLogger(RestoreFenceCoordinator.class);

  private final OperatorCoordinator.Context context;
  private final FenceSettings settings;

  private final Map<Integer, Integer> attempts = new HashMap<>();
  private final Set<Integer> here = new HashSet<>();
  private final Set<Integer> opened = new HashSet<>();
  private final Map<Integer, ByteArrayOutputStream> arriving = new HashMap<>();
  private final Map<Integer, Integer> partsOf = new HashMap<>();
  private RestoreBarrier meeting;
  private @Nullable List<byte[]> ahead;
  private byte @Nullable [] note;
  private @Nullable CatchUpProgress passage;
  private @Nullable CompletableFuture<?> refusal;
  private long missing;
  private long lostCommits;
  private long foreign;

  RestoreFenceCoordinator(OperatorCoordinator.Context context, FenceSettings settings) {
    this.context = context;
    this.settings = settings;
    this.meeting = new RestoreBarrier(context.currentParallelism());
  }

  @Override
  public void start() {
    MetricGroup group = context.metricGroup().addGroup("sluice");
    group.gauge(FenceMetric.ANSWERS_MISSING, (Gauge<Long>) () -> missing);
    group.gauge(FenceMetric.ANSWERS_FOREIGN, (Gauge<Long>) () -> foreign);
    group.gauge(FenceMetric.LOST_COMMITS, (Gauge<Long>) this::lostCommits);
  }

  @Override
  public CompletableFuture<CoordinationResponse> handleCoordinationRequest(
      CoordinationRequest request) {
    FenceRequest from = (FenceRequest) request;
    try {
      return CompletableFuture.completedFuture(
          isCurrent(from) ? answer(from) : FenceAnswer.of(FenceAnswer.WAIT));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CoordinationResponse answer(FenceRequest request) throws IOException {
    if (request instanceof FenceRequest.Here) {
      return waitForAll(request, here);
    } else if (request instanceof FenceRequest.Opened) {
      return waitForAll(request, opened);
    } else if (request instanceof FenceRequest.Report report) {
      return take(report);
    } else if (request instanceof FenceRequest.Ask ask) {
      if (ahead == null) {
        return FenceAnswer.of(FenceAnswer.WAIT);
      }
      return FenceAnswer.part(ahead.get(ask.index()), ahead.size());
    } else if (request instanceof FenceRequest.Unchecked) {
      ahead = FenceAnswer.cut(ReportBytes.writeAhead(new AheadAnswers()));
      return FenceAnswer.of(FenceAnswer.TAKEN);
    } else if (request instanceof FenceRequest.AskNote) {
      return note == null ? FenceAnswer.of(FenceAnswer.WAIT) : FenceAnswer.part(note, 1);
    } else if (request instanceof FenceRequest.AskPassed) {
      boolean over = passage != null && passage.isOver();
      return FenceAnswer.of(over ? FenceAnswer.PASSED : FenceAnswer.WAIT);
    } else if (request instanceof FenceRequest.Progress at) {
      FenceNote reached = FenceAnswer.read(at.note(), new FenceNoteSerializer());
      boolean over = passage == null || passage.over(at.subtask(), reached, at.suppressed());
      return FenceAnswer.of(over ? FenceAnswer.PASSED : FenceAnswer.WAIT);
    }
    throw new IllegalArgumentException("no request of a fence: " + request);
  }

  private CoordinationResponse waitForAll(FenceRequest request, Set<Integer> arrived) {
    arrived.add(request.subtask());
    boolean all = arrived.size() == context.currentParallelism();
    return FenceAnswer.of(all ? FenceAnswer.TAKEN : FenceAnswer.WAIT);
  }

  /** Parts come in order: a subtask sends the next when it knows that the last has come. */
  private CoordinationResponse take(FenceRequest.Report report) throws IOException {
    int next = partsOf.getOrDefault(report.subtask(), 0);
    if (report.index() == next) {
      ByteArrayOutputStream whole =
          arriving.computeIfAbsent(report.subtask(), s -> new ByteArrayOutputStream());
      whole.writeBytes(report.bytes());
      partsOf.put(report.subtask(), next + 1);
      if (next + 1 == report.count()) {
        meeting.arrive(report.subtask(), ReportBytes.read(whole.toByteArray()));
        arriving.remove(report.subtask());
        conclude();
      }
    }
    return FenceAnswer.of(FenceAnswer.TAKEN);
  }

  private void conclude() throws IOException {
    Verdict verdict = meeting.verdict();
    if (verdict == null || refusal != null) {
      return;
    }
    missing = verdict.allMissing().size();
    boolean behind = settings.mode() == FenceMode.FAIL && verdict.replayed() > 0;
    if (!verdict.isClean() || behind) {
      refuse(verdict);
      return;
    }
    long found = verdict.ahead().size();
    LOG.info(
        "Restore fence: checkpoint {} is complete in the output; {} answers are committed beyond it"
            + " and will be suppressed when their inputs are replayed{}",
        verdict.note().checkpointId(),
        verdict.replayed(),
        verdict.replayed() == found
            ? ""
            : "; %s more that were committed close to it are kept, in case that they come late"
                .formatted(found - verdict.replayed()));
    if (!verdict.note().tracked()) {
      LOG.warn(
          "Restore fence: checkpoint {} was made with the fence off, so it is not known whether"
              + " answers before it are missing",
          verdict.note().checkpointId());
    }
    foreign = verdict.foreign().records();
    if (foreign > 0) {
      LOG.warn(
          "Restore fence: {} committed records name inputs that are not there, so this job did not"
              + " write them; they suppress nothing: {}. Find out who else writes to the output"
              + " topics",
          foreign,
          verdict.foreign().examples());
    }
    passage = new CatchUpProgress(context.currentParallelism(), verdict);
    note = FenceAnswer.write(verdict.note(), new FenceNoteSerializer());
    ahead = FenceAnswer.cut(ReportBytes.writeAhead(verdict.suppressed()));
  }

  private void refuse(Verdict verdict) {
    // Searches a file system that may be slow for a snapshot that has the missing answers.
    refusal =
        CompletableFuture.supplyAsync(() -> Refusal.of(verdict, settings))
            .whenComplete(
                (refused, bug) -> {
                  if (refused == null) {
                    context.failJob(
                        new SuppressRestartsException(bug)); // otherwise it waits for ever
                    return;
                  }
                  LOG.error("{}", refused.getMessage());
                  context.failJob(refused.forGood());
                });
  }

  private boolean isCurrent(FenceRequest request) {
    Integer attempt = attempts.get(request.subtask());
    return attempt != null && attempt == request.attempt();
  }

  @Override
  public void executionAttemptReady(int subtask, int attempt, SubtaskGateway gateway) {
    attempts.put(subtask, attempt);
  }

  @Override
  public void executionAttemptFailed(int subtask, int attempt, @Nullable Throwable reason) {
    // The committer is in the fence's task, and its own figure ends with it.
    boolean lost =
        ExceptionUtils.findThrowable(reason, RestoreFenceCoordinator::isLostCommit).isPresent();
    lostCommits += lost ? 1 : 0;
    leave(subtask);
  }

  private static boolean isLostCommit(Throwable reason) {
    return reason instanceof LostCommitException
        || (reason instanceof SerializedThrowable written
            && written.getOriginalErrorClassName().equals(LostCommitException.class.getName()));
  }

  /** Tasks that failed over a commit since the job was submitted. */
  long lostCommits() {
    return lostCommits;
  }

  @Override
  public void subtaskReset(int subtask, long checkpointId) {
    leave(subtask);
  }

  private void leave(int subtask) {
    attempts.remove(subtask);
    here.remove(subtask);
    opened.remove(subtask);
    arriving.remove(subtask);
    partsOf.remove(subtask);
    meeting.leave(subtask);
    forget();
  }

  private void forget() {
    ahead = null;
    note = null;
    passage = null;
  }

  @Override
  public void resetToCheckpoint(long checkpointId, byte @Nullable [] nothing) {
    attempts.clear();
    here.clear();
    opened.clear();
    arriving.clear();
    partsOf.clear();
    meeting = new RestoreBarrier(context.currentParallelism());
    forget();
  }

  @Override
  public void checkpointCoordinator(long checkpointId, CompletableFuture<byte[]> result) {
    result.complete(new byte[0]);
  }

  /** Every subtask has opened by now, and so has fetched what it needed from the meeting. */
  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    if (ahead != null) {
      ahead = null;
      note = null;
      meeting = new RestoreBarrier(context.currentParallelism());
    }
  }

  @Override
  public void handleEventFromOperator(int subtask, int attempt, OperatorEvent event) {
    throw new IllegalStateException("the restore fence sends no events: " + event);
  }

  @Override
  public void close() {}
}

package dev.sluice.fence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.Partition;
import dev.sluice.state.FenceNoteSerializer;
import dev.sluice.state.Uids;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.tasks.TaskOperatorEventGateway;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;
import org.apache.flink.streaming.api.operators.collect.CollectCoordinationResponse;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.SerializedValue;

/**
 * A subtask's way to the fence's coordinator, by which another operator of the fence's task learns
 * what the fence has found, too. Flink opens a task's operators from the last to the first, so the
 * fence has met before any operator in front of it opens. Used by the task's thread.
 */
public final class CoordinatorClient {

  /** The first wait before a question is asked again, and the longest; it doubles in between. */
  private static final long FIRST_WAIT_MS = 20;

  private static final long LONGEST_WAIT_MS = 1_000;

  private final TaskOperatorEventGateway gateway;
  private final OperatorID operator;
  private final int subtask;
  private final int attempt;

  private volatile boolean passed;

  /**
   * For an operator in the fence's task.
   *
   * @param gateway the task's way to the coordinators of its job
   */
  public CoordinatorClient(TaskOperatorEventGateway gateway, TaskInfo task) {
    this(
        gateway,
        new OperatorID(Hashing.murmur3_128(0).hashString(Uids.RESTORE_FENCE, UTF_8).asBytes()),
        task);
  }

  /** For the fence itself. */
  CoordinatorClient(TaskOperatorEventGateway gateway, OperatorID operator, TaskInfo task) {
    this.gateway = gateway;
    this.operator = operator;
    this.subtask = task.getIndexOfThisSubtask();
    this.attempt = task.getAttemptNumber();
  }

  /**
   * Waits until every subtask is here. From then on no transaction of the snapshot is open any
   * more: each subtask's committer has committed its own, or found that it can't be.
   */
  void gather() throws IOException, InterruptedException {
    insist(new FenceRequest.Here(subtask, attempt));
  }

  /**
   * Brings a report and waits until every subtask has brought its own. Does not return if the
   * restore is refused: the coordinator fails the job then.
   *
   * @return what is committed beyond the snapshot
   */
  AheadAnswers meet(FenceReport report) throws IOException, InterruptedException {
    List<byte[]> parts = FenceAnswer.cut(ReportBytes.write(report));
    for (int i = 0; i < parts.size(); i++) {
      insist(new FenceRequest.Report(subtask, attempt, i, parts.size(), parts.get(i)));
    }
    return ahead();
  }

  /** Reports that there is nothing to meet for. */
  void skip() throws IOException, InterruptedException {
    insist(new FenceRequest.Unchecked(subtask, attempt));
  }

  /**
   * What is committed beyond the snapshot that was restored; waits until the subtasks have met.
   *
   * @throws IOException if the coordinator can't be asked
   */
  public AheadAnswers ahead() throws IOException, InterruptedException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    long count = 1;
    for (int i = 0; i < count; i++) {
      CollectCoordinationResponse part = insist(new FenceRequest.Ask(subtask, attempt, i));
      whole.writeBytes(FenceAnswer.bytes(part));
      count = part.getLastCheckpointedOffset();
    }
    return ReportBytes.readAhead(whole.toByteArray());
  }

  /**
   * Waits until every subtask has called this: until all of them have restored their state.
   *
   * <p>A task that answers events while another one still restores has its first transaction open
   * for as long as that takes, because no checkpoint can begin before. If it takes longer than the
   * transaction may be open, the job fails over it, restores, and fails again.
   *
   * @throws IOException if the coordinator can't be asked
   */
  public void awaitRestored() throws IOException, InterruptedException {
    insist(new FenceRequest.Opened(subtask, attempt));
  }

  /** Reports how far this subtask has come; does not wait for the answer. */
  void progress(FenceNote note, long suppressed) throws IOException {
    byte[] bytes = FenceAnswer.write(note, new FenceNoteSerializer());
    send(new FenceRequest.Progress(subtask, attempt, bytes, suppressed))
        .thenAccept(answer -> passed |= isPassed(answer))
        .exceptionally(lost -> null);
  }

  /**
   * For each output partition the offset at or above which all records are that were committed
   * beyond the snapshot; waits until the subtasks have met.
   *
   * @throws IOException if the coordinator can't be asked
   */
  public SortedMap<Partition, Long> from() throws IOException, InterruptedException {
    byte[] note = FenceAnswer.bytes(insist(new FenceRequest.AskNote(subtask, attempt)));
    return FenceAnswer.read(note, new FenceNoteSerializer()).stableEnds();
  }

  /**
   * Whether all sources have passed what was committed beyond the snapshot, so that no input comes
   * any more whose answer is; asks, but only knows what the coordinator has answered by now.
   */
  public boolean passed() throws IOException {
    if (!passed) {
      send(new FenceRequest.AskPassed(subtask, attempt))
          .thenAccept(answer -> passed |= isPassed(answer))
          .exceptionally(lost -> null);
    }
    return passed;
  }

  /** The same, from what is known without asking. */
  boolean knowsPassed() {
    return passed;
  }

  private static boolean isPassed(CoordinationResponse answer) {
    return answer instanceof CollectCoordinationResponse known
        && known.getVersion().equals(FenceAnswer.PASSED);
  }

  /** Asks until the answer is other than to wait. */
  private CollectCoordinationResponse insist(FenceRequest request)
      throws IOException, InterruptedException {
    long waitMs = FIRST_WAIT_MS;
    while (true) {
      try {
        CollectCoordinationResponse answer = (CollectCoordinationResponse) send(request).get();
        if (!answer.getVersion().equals(FenceAnswer.WAIT)) {
          return answer;
        }
      } catch (ExecutionException e) {
        // A JobManager that is busy; the end of a dead one also ends this task.
        if (ExceptionUtils.findThrowable(e, TimeoutException.class).isEmpty()) {
          throw new IOException("the restore fence's coordinator can't be asked", e);
        }
      }
      Thread.sleep(waitMs);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }

  private CompletableFuture<CoordinationResponse> send(FenceRequest request) throws IOException {
    return gateway.sendRequestToCoordinator(
        operator, new SerializedValue<CoordinationRequest>(request));
  }
}

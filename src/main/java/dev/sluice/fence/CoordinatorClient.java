package dev.sluice.fence;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.state.FenceNoteSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.tasks.TaskOperatorEventGateway;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.streaming.api.operators.collect.CollectCoordinationResponse;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.SerializedValue;

/** A subtask's way to the coordinator. Used by the task's thread. */
final class CoordinatorClient {

  /** The first wait before a question is asked again, and the longest; it doubles in between. */
  private static final long FIRST_WAIT_MS = 20;

  private static final long LONGEST_WAIT_MS = 1_000;

  private final TaskOperatorEventGateway gateway;
  private final OperatorID operator;
  private final int subtask;
  private final int attempt;

  private volatile boolean passed;

  CoordinatorClient(
      TaskOperatorEventGateway gateway, OperatorID operator, int subtask, int attempt) {
    this.gateway = gateway;
    this.operator = operator;
    this.subtask = subtask;
    this.attempt = attempt;
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

  /** Waits until the subtasks have met; what is committed beyond the snapshot. */
  AheadAnswers ahead() throws IOException, InterruptedException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    long count = 1;
    for (int i = 0; i < count; i++) {
      CollectCoordinationResponse part = insist(new FenceRequest.Ask(subtask, attempt, i));
      whole.writeBytes(FenceAnswer.bytes(part));
      count = part.getLastCheckpointedOffset();
    }
    return ReportBytes.readAhead(whole.toByteArray());
  }

  /** Waits until the tasks of all subtasks have restored their state. */
  void awaitOpened() throws IOException, InterruptedException {
    insist(new FenceRequest.Opened(subtask, attempt));
  }

  /** Reports how far this subtask has come; does not wait for the answer. */
  void progress(FenceNote note, long suppressed) throws IOException {
    byte[] bytes = FenceAnswer.write(note, new FenceNoteSerializer());
    send(new FenceRequest.Progress(subtask, attempt, bytes, suppressed))
        .thenAccept(answer -> passed |= isPassed(answer))
        .exceptionally(lost -> null);
  }

  /** Waits until the subtasks have met; the note of the snapshot, merged. */
  FenceNote note() throws IOException, InterruptedException {
    byte[] note = FenceAnswer.bytes(insist(new FenceRequest.AskNote(subtask, attempt)));
    return FenceAnswer.read(note, new FenceNoteSerializer());
  }

  /** Asks whether all sources have passed it; does not wait for the answer. */
  void askPassed() throws IOException {
    send(new FenceRequest.AskPassed(subtask, attempt))
        .thenAccept(answer -> passed |= isPassed(answer))
        .exceptionally(lost -> null);
  }

  /** Whether all sources have passed what was committed beyond the snapshot. */
  boolean passed() {
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

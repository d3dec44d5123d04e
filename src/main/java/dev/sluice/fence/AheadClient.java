package dev.sluice.fence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.Partition;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.SortedMap;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.tasks.TaskOperatorEventGateway;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;

/**
 * By which another operator of the fence's task learns what the fence has found. Flink opens a
 * task's operators from the last to the first, so the fence has met before any operator in front of
 * it opens. Used by the task's thread.
 */
public final class AheadClient {

  private final CoordinatorClient coordinator;

  /**
   * A client of one attempt of one subtask.
   *
   * @param gateway the task's way to the coordinators of its job
   */
  public AheadClient(TaskOperatorEventGateway gateway, TaskInfo task) {
    OperatorID fence =
        new OperatorID(Hashing.murmur3_128(0).hashString(Uids.RESTORE_FENCE, UTF_8).asBytes());
    this.coordinator =
        new CoordinatorClient(
            gateway, fence, task.getIndexOfThisSubtask(), task.getAttemptNumber());
  }

  /**
   * What is committed beyond the snapshot that was restored.
   *
   * @throws IOException if the coordinator can't be asked
   */
  public AheadAnswers read() throws IOException, InterruptedException {
    return coordinator.ahead();
  }

  /**
   * For each output partition the offset at or above which all records are that were committed
   * beyond the snapshot.
   *
   * @throws IOException if the coordinator can't be asked
   */
  public SortedMap<Partition, Long> from() throws IOException, InterruptedException {
    return coordinator.note().stableEnds();
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
    coordinator.awaitOpened();
  }

  /**
   * Whether all sources have passed it, so that no input comes any more whose answer is committed
   * beyond the snapshot; as far as the coordinator has answered by now.
   */
  public boolean passed() throws IOException {
    if (!coordinator.passed()) {
      coordinator.askPassed();
    }
    return coordinator.passed();
  }
}

package dev.sluice.fence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prevents commits from failing silently, and restores from failing for ever on a commit that can't
 * succeed.
 *
 * <p>The connector's committer knows two ends of a commit that fails. A fenced or aborted
 * transaction is a <i>known</i> failure: Flink counts it, drops the committable and continues. A
 * transactional id that the broker has forgotten ({@code transactional.id.expiration.ms}, seven
 * days) is an <i>unknown</i> one: the task fails, is restored, and fails on it again. Which of the
 * two is right does not depend on the failure, but on whether the fence will still judge it:
 *
 * <ul>
 *   <li><b>A committable out of the restored snapshot.</b> The broker can't say whether a
 *       transaction that it has ended or forgotten was committed, but the output can, and the
 *       restore fence reads it: every answer of the committable is in one of the snapshot's open
 *       intervals. So every sign that it can never be committed (any more) is a known failure, and
 *       the fence refuses the restore if an answer is missing. Nothing is open under a forgotten
 *       id: brokers forget only what has ended. Temporary failures (no broker, no permission) fail
 *       the task as usual.
 *   <li><b>A committable of this attempt.</b> The fence has been passed already, and the next
 *       snapshot would count the answers as committed. So the task fails, and the job is restored
 *       from the last complete snapshot. That holds the same committable and its interval: the
 *       first case.
 * </ul>
 *
 * <p><b>Why the two can't be mistaken for each other.</b> A committable of this attempt comes from
 * the writer in the same task, handed over as an object that still has its producer: Flink's type
 * information of committables copies nothing within a task, and the fence refuses to run if the
 * sink is not in its own task. One out of a snapshot was deserialised and has none. And {@code
 * CommitterOperator.initializeState} tries those again and again until each has succeeded or failed
 * ({@code sink.committer.retries}), or fails the task itself; operators of a task are initialised
 * from the tail. So every committable out of the snapshot is settled before the fence reads the
 * output, and none of them is seen again later.
 *
 * <p>A task whose committer has thrown takes no further snapshot, although Flink notifies its other
 * operators, the fence among them, before the task ends.
 *
 * <p>With the fence {@code off} nothing is judged: a known failure stays what Flink makes of it,
 * with an error in the log.
 *
 * @param <C> the connector's committables
 */
@SuppressWarnings("try") // closed by Flink, whose interface throws what it likes
final class StrictCommitter<C> implements Committer<C> {

  private static final Logger LOG = LoggerFactory.getLogger(StrictCommitter.class);

  /** Whose transaction can never be committed any more. */
  private static final List<Class<? extends Throwable>> NEVER =
      List.of(
          InvalidPidMappingException.class,
          InvalidProducerEpochException.class,
          InvalidTxnStateException.class,
          ProducerFencedException.class,
          TransactionAbortableException.class,
          UnknownProducerIdException.class);

  private final Committer<C> delegate;
  private final Predicate<C> restored;
  private final boolean judged;
  private final Counter failures;

  /**
   * A committer around the connector's.
   *
   * @param restored whether a committable comes out of the snapshot that was restored
   * @param judged whether the restore fence checks for missing answers
   * @param operator the committer's metrics
   */
  StrictCommitter(
      Committer<C> delegate, Predicate<C> restored, boolean judged, MetricGroup operator) {
    this.delegate = delegate;
    this.restored = restored;
    this.judged = judged;
    this.failures = operator.addGroup("sluice").counter(FenceMetric.FAILED_COMMITS);
  }

  @Override
  public void commit(Collection<CommitRequest<C>> requests)
      throws IOException, InterruptedException {
    List<CommitRequest<C>> watched = new ArrayList<>(requests.size());
    for (CommitRequest<C> request : requests) {
      watched.add(
          restored.test(request.getCommittable()) ? new Restored(request) : new OfNow(request));
    }
    delegate.commit(watched);
  }

  @Override
  public void close() throws Exception {
    delegate.close();
  }

  private static boolean never(Throwable failure) {
    return NEVER.stream().anyMatch(type -> ExceptionUtils.findThrowable(failure, type).isPresent());
  }

  /** Out of the snapshot: the fence has not opened yet. */
  private final class Restored extends Watched<C> {

    Restored(CommitRequest<C> request) {
      super(request);
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable failure) {
      if (!never(failure)) {
        super.signalFailedWithUnknownReason(failure);
        return;
      }
      LOG.warn(
          "The brokers can't commit {} any more ({}), and don't say whether it was committed before. {}",
          getCommittable(),
          failure.toString(),
          judged
              ? "The restore fence now searches the output for its answers"
              : "sluice.restore-fence is off: if it was not, its answers are lost");
      signalFailedWithKnownReason(failure);
    }
  }

  /** Of this attempt: behind the fence. */
  private final class OfNow extends Watched<C> {

    OfNow(CommitRequest<C> request) {
      super(request);
    }

    @Override
    public void signalFailedWithKnownReason(Throwable failure) {
      failures.inc();
      super.signalFailedWithKnownReason(failure);
      if (judged) {
        throw new LostCommitException(
            ("%s can't be committed: the brokers have ended it, after sluice.sink.transaction-timeout or on "
                    + "somebody's command, before its checkpoint was complete. The task fails, and the restore fence "
                    + "searches the output for its answers")
                .formatted(getCommittable()),
            failure);
      }
      LOG.error(
          "{} can't be committed: its answers are lost, and nothing will search for them, for "
              + "sluice.restore-fence is off",
          getCommittable(),
          failure);
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable failure) {
      failures.inc();
      super.signalFailedWithUnknownReason(failure);
    }
  }

  /** Flink's own request, but for failures. */
  private abstract static class Watched<C> implements CommitRequest<C> {

    private final CommitRequest<C> request;

    Watched(CommitRequest<C> request) {
      this.request = request;
    }

    @Override
    public C getCommittable() {
      return request.getCommittable();
    }

    @Override
    public int getNumberOfRetries() {
      return request.getNumberOfRetries();
    }

    @Override
    public void signalFailedWithKnownReason(Throwable failure) {
      request.signalFailedWithKnownReason(failure);
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable failure) {
      request.signalFailedWithUnknownReason(failure);
    }

    @Override
    public void retryLater() {
      request.retryLater();
    }

    @Override
    public void updateAndRetryLater(C committable) {
      request.updateAndRetryLater(committable);
    }

    @Override
    public void signalAlreadyCommitted() {
      request.signalAlreadyCommitted();
    }

    @Override
    public String toString() {
      return request.toString();
    }
  }
}

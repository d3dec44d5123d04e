package dev.sluice.ledger;

import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Prevents every snapshot that would rely on a transaction which the broker may have aborted by
 * then. One for each subtask, used by the task's thread.
 *
 * <p>An interval's answers are in one transaction, which is committed when a snapshot that ends the
 * interval, or a later one, is complete. If such snapshots fail, are tolerated, and the next one
 * succeeds after the transaction's timeout, that one counts the answers as given although they are
 * lost. So the task fails instead, before the snapshot is complete: the job goes back to the last
 * complete one, whose transactions are committed already, and replays the inputs. Nothing is lost,
 * and nothing has to be healed.
 *
 * <p><b>What is compared.</b> The oldest open interval's age, plus what the snapshot may still
 * take, plus a margin, must be less than the transaction timeout.
 *
 * <ul>
 *   <li>The age counts from the interval's first answer. The broker's own clock for the transaction
 *       starts when it gets the first record (KIP-98, KIP-890), which is later, so the age is never
 *       too small. It is the larger one of what the system's clock and the JVM's say: one of them
 *       does not advance while a virtual machine is suspended, the other may be set back.
 *   <li>The snapshot may still take what is left of Flink's checkpoint timeout since it was
 *       triggered; later the JobManager no longer takes a subtask's acknowledgement. The trigger's
 *       time is the JobManager's. The margin covers clocks that differ, and the way of the
 *       notification and of the commit.
 *   <li>The comparison is made after the sink has flushed, which may take long.
 * </ul>
 *
 * <p><b>What is not bounded by it</b> is what happens after the snapshot is complete: a
 * notification that is lost or late, a process that is frozen, a restart that takes long. Nothing
 * is lost silently then either: the commit fails, and with it the task. An interval whose
 * notification was lost is still open at the next snapshot, and is judged by its age there. So is
 * one that an intermediate savepoint has ended, because Flink commits nothing when such a savepoint
 * is complete.
 *
 * <p><b>Restarts.</b> After a restore nothing is open (the committer has settled it all), so the
 * first snapshot is as old as the checkpoint interval and fits: the start checks refuse settings
 * with which it would not. Two things can make it fail again and again, where the broker would
 * abort the transactions otherwise: checkpoints that succeed, but take longer than the transaction
 * timeout less one checkpoint timeout and the margin, and subtasks whose restores differ by as
 * much. Raise the transaction timeout then.
 *
 * <p>Nothing is open, and nothing judged, where answers are not in transactions. With the fence
 * {@code off} it does nothing: the job is then as Flink alone makes it.
 */
public final class TransactionDeadline {

  private final Limits limits;
  private final boolean watching;
  private final LongSupplier absolute;
  private final LongSupplier relative;

  private final TreeMap<Long, Began> open = new TreeMap<>();
  private @Nullable Began current;

  /** When an interval's first answer was passed on, by both clocks in ms. */
  private record Began(long absolute, long relative) {}

  /**
   * A deadline with nothing open.
   *
   * @param watching whether answers are in transactions, and a restore would go by the fence
   * @param absolute the system's clock, in ms since 1970
   * @param relative a clock that is never set, in ms
   */
  public TransactionDeadline(
      Limits limits, boolean watching, LongSupplier absolute, LongSupplier relative) {
    this.limits = limits;
    this.watching = watching;
    this.absolute = absolute;
    this.relative = relative;
  }

  /** An answer goes into the transaction of the current interval. */
  public void answered() {
    if (current == null && watching) {
      current = new Began(absolute.getAsLong(), relative.getAsLong());
    }
  }

  /**
   * Ends the interval.
   *
   * @param triggeredAt when the JobManager began the snapshot, in ms since 1970
   * @throws TransactionDeadlineException if a transaction could expire before it is complete
   */
  public void snapshot(long checkpointId, long triggeredAt) {
    if (current != null) {
      open.put(checkpointId, current);
      current = null;
    }
    Map.Entry<Long, Began> oldest = open.firstEntry();
    if (oldest == null) {
      return;
    }
    long age = age(oldest.getValue());
    long left = left(triggeredAt);
    long margin = limits.margin().toMillis();
    if (age + left + margin >= limits.transactionTimeout().toMillis()) {
      throw new TransactionDeadlineException(
          ("snapshot %s would outlive a transaction that it counts on: the first answer in the transaction of "
                  + "snapshot %s is %s ms old, and the snapshot may take %s ms more "
                  + "(execution.checkpointing.timeout = %s "
                  + "ms) and %s ms until the commit, but the broker aborts the transaction after "
                  + "sluice.sink.transaction-timeout = %s ms. The task fails, and its inputs are replayed from the "
                  + "last complete checkpoint; find out what holds checkpoints up")
              .formatted(
                  checkpointId,
                  oldest.getKey(),
                  age,
                  left,
                  limits.checkpointTimeout().toMillis(),
                  margin,
                  limits.transactionTimeout().toMillis()));
    }
  }

  /** A snapshot is complete, and the transactions of all that it covers are committed. */
  public void settled(long checkpointId) {
    open.headMap(checkpointId, true).clear();
  }

  private long age(Began began) {
    return Math.max(absolute.getAsLong() - began.absolute, relative.getAsLong() - began.relative);
  }

  private long left(long triggeredAt) {
    Duration timeout = limits.checkpointTimeout();
    long since = Math.max(0, absolute.getAsLong() - triggeredAt);
    return Math.max(0, timeout.toMillis() - since);
  }

  /**
   * How long an answer may wait for its commit.
   *
   * @param transactionTimeout when the broker aborts a transaction that is still open
   * @param checkpointTimeout when Flink gives up a checkpoint or savepoint that is not complete
   */
  public record Limits(Duration transactionTimeout, Duration checkpointTimeout)
      implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final Duration LONGEST_MARGIN = Duration.ofMinutes(1);

    /**
     * What the way from a complete checkpoint to the commit may take, and clocks may differ: a
     * tenth of the transaction timeout, a minute at most.
     */
    public Duration margin() {
      Duration tenth = transactionTimeout.dividedBy(10);
      return tenth.compareTo(LONGEST_MARGIN) < 0 ? tenth : LONGEST_MARGIN;
    }
  }
}

package dev.sluice.ledger;

import dev.sluice.support.ledger.LedgerValues;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one subtask does before it may run: its sink ends old transactions, then its fence reads its
 * share of the output and goes to the meeting.
 */
final class Restore {

  private final Scenario setting;
  private final Broker broker;
  private final Duties duties;
  private final Map<Integer, Long> ends = new HashMap<>();
  private final Deque<Integer> unread = new ArrayDeque<>();
  private final OriginSet committed = new OriginSet();
  private boolean captured;
  private boolean arrived;
  private boolean crashed;

  /**
   * What falls to one subtask.
   *
   * @param commit transactions that the snapshot holds
   * @param abort open transactions that it does not hold
   * @param open intervals that the snapshot holds
   * @param note merged over all subtasks
   * @param share output partitions to read
   */
  record Duties(
      Deque<Transaction> commit,
      Deque<Transaction> abort,
      List<OpenInterval> open,
      FenceNote note,
      List<Integer> share) {}

  Restore(Scenario setting, Broker broker, Duties duties) {
    this.setting = setting;
    this.broker = broker;
    this.duties = duties;
  }

  boolean hasArrived() {
    return arrived;
  }

  /** Whether its sink has failed: the job is restored again. */
  boolean crashed() {
    return crashed;
  }

  /** What it brings to the meeting. */
  FenceReport report() {
    return LedgerValues.report(duties.note, duties.open, committed, List.of());
  }

  /** Does the next thing; false if it has to wait for others. */
  boolean step(RestoreBarrier meeting, int subtask) {
    if (!duties.commit.isEmpty()) {
      commit(duties.commit.pop());
    } else if (!duties.abort.isEmpty()) {
      broker.abort(duties.abort.pop());
    } else if (!captured) {
      capture();
    } else if (!unread.isEmpty()) {
      return readOne();
    } else if (!arrived) {
      meeting.arrive(subtask, report());
      arrived = true;
    } else {
      return false;
    }
    return true;
  }

  /** What was aborted or is forgotten is left to the fence. */
  private void commit(Transaction transaction) {
    crashed |= transaction.forgotten && setting.has(Flaw.FORGOTTEN_NAME_FAILS_THE_RESTORE);
    broker.commit(transaction);
  }

  private void capture() {
    captured = true;
    for (int partition : duties.share) {
      unread.add(partition);
      ends.put(
          partition,
          setting.has(Flaw.READS_TO_THE_STABLE_END)
              ? broker.stableEnd(partition)
              : broker.end(partition));
    }
  }

  private boolean readOne() {
    for (int partition : new ArrayList<>(unread)) {
      long from = duties.note.stableEnd(Broker.name(partition));
      long to = ends.getOrDefault(partition, 0L);
      if (setting.has(Flaw.DOES_NOT_WAIT) || broker.isDecided(partition, from, to)) {
        committed.addAll(broker.committed(partition, from, to));
        unread.remove(partition);
        return true;
      }
    }
    return false;
  }
}

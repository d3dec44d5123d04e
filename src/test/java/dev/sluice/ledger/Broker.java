package dev.sluice.ledger;

import dev.sluice.event.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The output topic: logs of answers, each in a transaction, with a marker where one ends. */
final class Broker {

  private final List<List<Entry>> logs = new ArrayList<>();
  private final List<Transaction> open = new ArrayList<>();
  private final List<Transaction> ended = new ArrayList<>();
  private long now;

  /** An answer, or the marker of its transaction's end if it has no origin. */
  private record Entry(Transaction transaction, @Nullable Origin origin) {}

  Broker(int partitions) {
    for (int i = 0; i < partitions; i++) {
      logs.add(new ArrayList<>());
    }
  }

  static Partition name(int partition) {
    return new Partition("answers", partition);
  }

  int partitions() {
    return logs.size();
  }

  long now() {
    return now;
  }

  /** Time goes by; what has been open for too long is aborted. */
  void pass(long time, long timeout) {
    now += time;
    for (int i = open.size() - 1; i >= 0; i--) {
      Transaction transaction = open.get(i);
      if (now - transaction.begun >= timeout) {
        transaction.expired = true;
        abort(transaction);
      }
    }
  }

  /** Forgets the names of what has ended. */
  void forget() {
    ended.forEach(transaction -> transaction.forgotten = true);
    ended.clear();
  }

  Transaction begin() {
    Transaction transaction = new Transaction();
    transaction.begun = now;
    open.add(transaction);
    return transaction;
  }

  /** Writes an answer, if the transaction still takes any. */
  boolean append(int partition, Transaction transaction, Origin origin) {
    if (transaction.isOpen()) {
      logs.get(partition).add(new Entry(transaction, origin));
    }
    return transaction.isOpen();
  }

  /** Commits, unless it has ended already, one way or the other. */
  void commit(Transaction transaction) {
    end(transaction, Transaction.Status.COMMITTED);
  }

  /** Aborts, unless it has ended already, one way or the other. */
  void abort(Transaction transaction) {
    end(transaction, Transaction.Status.ABORTED);
  }

  List<Transaction> open() {
    return List.copyOf(open);
  }

  int countOpen() {
    return open.size();
  }

  Transaction open(int which) {
    return open.get(which);
  }

  long end(int partition) {
    return logs.get(partition).size();
  }

  /** The last stable offset: where the first open transaction begins. */
  long stableEnd(int partition) {
    List<Entry> log = logs.get(partition);
    for (int i = 0; i < log.size(); i++) {
      if (log.get(i).transaction.isOpen()) {
        return i;
      }
    }
    return log.size();
  }

  /** Whether every transaction with a record in this range has ended. */
  boolean isDecided(int partition, long from, long to) {
    List<Entry> log = logs.get(partition);
    for (long i = from; i < to; i++) {
      if (log.get((int) i).transaction.isOpen()) {
        return false;
      }
    }
    return true;
  }

  /** The origins of the committed answers in this range. */
  OriginSet committed(int partition, long from, long to) {
    OriginSet origins = new OriginSet();
    for (long i = from; i < to; i++) {
      Entry entry = logs.get(partition).get((int) i);
      if (entry.origin != null && entry.transaction.status == Transaction.Status.COMMITTED) {
        origins.add(entry.origin);
      }
    }
    return origins;
  }

  /** How often each origin is answered by what is committed. */
  Map<Origin, Integer> answers() {
    Map<Origin, Integer> answers = new HashMap<>();
    for (List<Entry> log : logs) {
      for (Entry entry : log) {
        if (entry.origin != null && entry.transaction.status == Transaction.Status.COMMITTED) {
          answers.merge(entry.origin, 1, Integer::sum);
        }
      }
    }
    return answers;
  }

  private void end(Transaction transaction, Transaction.Status status) {
    if (!transaction.isOpen()) {
      return;
    }
    transaction.status = status;
    open.remove(transaction);
    ended.add(transaction);
    Entry marker = new Entry(transaction, null);
    for (List<Entry> log : logs) {
      if (log.stream().anyMatch(entry -> entry.transaction == transaction)) {
        log.add(marker);
      }
    }
  }
}

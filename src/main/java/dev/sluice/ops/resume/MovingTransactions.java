package dev.sluice.ops.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.ops.broker.LiveTransaction;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * Tells transactions that a running job goes on with from those that a dead one has left open. A
 * copy of the job may run on a Flink cluster that nobody asks, but it writes in transactions of the
 * same prefix.
 *
 * <p>What a dead job left open stays as it is, until its timeout or the next job ends it. A running
 * one begins a new transaction with each checkpoint, and its output grows within the one that is
 * open. An end of a transaction is no sign, for brokers end those of the dead, and writes a marker
 * into each partition: growth counts only where the same transactions are open before and after it
 * was seen. Tasks whose JobManager is lost write on until they notice; they begin no transaction.
 * So growth counts only later than that.
 */
final class MovingTransactions {

  /** What is asked, again and again. */
  interface Sight {

    /** The open transactions of the prefix. */
    List<LiveTransaction> open() throws IOException, InterruptedException;

    /** How far each output partition is written. */
    SortedMap<Partition, Long> ends() throws IOException, InterruptedException;
  }

  private final Sight sight;

  /** So many looks without growth show that nothing writes any more. */
  private static final int QUIET_LOOKS = 10;

  private final Duration watch;
  private final Duration lostTasks;
  private final Duration poll;
  private final Consumer<String> told;

  /**
   * @param watch longer than from one checkpoint of the job to the next
   * @param lostTasks how long tasks of a lost JobManager may write
   * @param poll from one look to the next
   * @param told hears if it takes longer than that watch, a sentence
   */
  MovingTransactions(
      Sight sight, Duration watch, Duration lostTasks, Duration poll, Consumer<String> told) {
    this.sight = sight;
    this.watch = watch;
    this.lostTasks = lostTasks;
    this.poll = poll;
    this.told = told;
  }

  /**
   * Watches.
   *
   * @param first the open transactions that are looked at
   * @return what was seen of one that moves; empty if none does
   */
  Optional<String> find(List<LiveTransaction> first) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Duration whole = watch;
    List<LiveTransaction> before = first;
    Duration lookedAt = Duration.ZERO;
    SortedMap<Partition, Long> endsBefore = sight.ends();
    Optional<String> grown = Optional.empty();
    Duration grownSince = Duration.ZERO;
    while (!before.isEmpty() && since(start).compareTo(whole) < 0) {
      Thread.sleep(poll.toMillis());
      List<LiveTransaction> now = sight.open();
      Optional<LiveTransaction> begun =
          now.stream()
              .filter(one -> one.ongoing() && first.stream().noneMatch(one::isSame))
              .findFirst();
      if (begun.isPresent()) {
        return begun.map(MovingTransactions::begun);
      }
      boolean same = now.size() == before.size();
      if (same && grown.isPresent()) {
        if (grownSince.compareTo(lostTasks) >= 0) {
          return grown;
        }
        whole = longer(whole);
      }
      Duration asked = since(start);
      SortedMap<Partition, Long> ends = sight.ends();
      grown = same ? grown(now, endsBefore, ends) : Optional.empty();
      grownSince = lookedAt;
      before = now;
      lookedAt = asked;
      endsBefore = ends;
    }
    return Optional.empty();
  }

  private Duration longer(Duration whole) {
    Duration needed = lostTasks.plus(poll.multipliedBy(QUIET_LOOKS));
    if (needed.compareTo(whole) <= 0) {
      return whole;
    }
    told.accept(
        "sees the output grow, and looks until %s s whether these are tasks of a lost JobManager"
            .formatted(needed.toSeconds()));
    return needed;
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static String begun(LiveTransaction one) {
    return "transaction %s of producer %s began%s"
        .formatted(
            one.transactionalId(),
            one.producerId(),
            one.sinceMs() < 0 ? "" : " at " + Instant.ofEpochMilli(one.sinceMs()));
  }

  private static Optional<String> grown(
      List<LiveTransaction> open, Map<Partition, Long> before, Map<Partition, Long> now) {
    for (LiveTransaction one : open) {
      for (Partition partition : one.partitions()) {
        long end = now.getOrDefault(partition, 0L);
        if (end > before.getOrDefault(partition, end)) {
          return Optional.of(
              "%s grew to %,d while transaction %s of producer %s was open there"
                  .formatted(partition, end, one.transactionalId(), one.producerId()));
        }
      }
    }
    return Optional.empty();
  }
}

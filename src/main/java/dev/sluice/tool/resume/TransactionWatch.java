package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.broker.Patience.Asking;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * Distinguishes transactions that a running job continues from those that a dead one has left open.
 * A copy of the job may run on a Flink cluster that is not asked, but it writes in transactions of
 * the same prefix.
 *
 * <p>What a dead job left open stays as it is, until its timeout or the next job ends it. A running
 * one begins a new transaction with each checkpoint, and its output grows within the one that is
 * open. The end of a transaction is no evidence, because brokers end those of dead producers, and
 * this writes a marker into each partition: growth counts only where the same transactions are open
 * before and after it was seen. Tasks whose JobManager is lost write on until they notice; they
 * begin no transaction. So growth is proof of a copy only later than that.
 *
 * <p>Growth that is seen earlier is of lost tasks, or of a copy that writes rarely. Lost tasks
 * write no more once they have ended. So the watch continues until nothing has grown for as long as
 * lost tasks may write, and for the longest pause between two growths on top. Every job that writes
 * at least that often is found.
 *
 * @param watch longer than from one checkpoint of the job to the next
 * @param lostTasks how long tasks of a lost JobManager may write
 * @param progress receives a sentence if it takes longer than that watch
 */
record TransactionWatch(
    Sight sight, Duration watch, Duration lostTasks, Consumer<String> progress, Time time) {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration UNKNOWN_INTERVAL = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /**
   * What is asked, again and again.
   *
   * @param open the open transactions of the prefix
   * @param ends how far each output partition is written
   * @param continues what else shows that a job continues, though it may write nothing; empty if
   *     nothing does
   */
  record Sight(
      Asking<List<LiveTransaction>> open,
      Asking<SortedMap<Partition, Long>> ends,
      Asking<Optional<String>> continues) {}

  /**
   * The result of the watch.
   *
   * @param motion which it is
   * @param seen what was seen, empty if nothing was
   */
  record Result(Motion motion, String seen) {}

  /** How transactions can behave. */
  enum Motion {
    /** Nothing was written. */
    NONE,
    /** Something was written, by tasks that seem to have ended since. */
    ENDED,
    /** A job continues with them. */
    CONTINUES
  }

  private static final Result NOTHING = new Result(Motion.NONE, "");

  /** A little longer than from one checkpoint of the job to the next; a minute at most. */
  static Duration length(Optional<Duration> interval) {
    Duration whole = interval.orElse(UNKNOWN_INTERVAL).plus(POLL.multipliedBy(4));
    return whole.compareTo(LONGEST) > 0 ? LONGEST : whole;
  }

  /** The message for the beginning of a watch. */
  static String begins(String prefix, List<LiveTransaction> open, Duration watch) {
    return "watches %s open transactions of prefix (%s) for %s s: a job that runs elsewhere continues them"
        .formatted(open.size(), prefix, watch.toSeconds());
  }

  /**
   * Watches. A moment without an open transaction does not mean the end: a job that writes rarely
   * has none between a commit and its next record.
   *
   * @param first the open transactions that are watched; there may be none
   */
  Result find(List<LiveTransaction> first) throws IOException, InterruptedException {
    long start = time.nanos();
    Duration until = watch;
    List<LiveTransaction> before = first;
    Duration lookedAt = Duration.ZERO;
    SortedMap<Partition, Long> endsBefore = sight.ends().ask();
    Optional<String> grown = Optional.empty();
    Duration grownSince = Duration.ZERO;
    Duration lastGrowth = Duration.ZERO;
    Duration longestPause = Duration.ZERO;
    Result result = NOTHING;
    while (time.since(start).compareTo(until) < 0) {
      time.sleep(POLL);
      List<LiveTransaction> now = sight.open().ask();
      Optional<LiveTransaction> begun =
          now.stream()
              .filter(one -> one.ongoing() && first.stream().noneMatch(one::isSame))
              .findFirst();
      if (begun.isPresent()) {
        return new Result(Motion.CONTINUES, begun(begun.get()));
      }
      Optional<String> other = sight.continues().ask();
      if (other.isPresent()) {
        return new Result(Motion.CONTINUES, other.get());
      }
      boolean same = now.size() == before.size();
      if (same && grown.isPresent()) {
        result = new Result(Motion.ENDED, grown.get());
        if (grownSince.compareTo(lostTasks) >= 0) {
          return new Result(Motion.CONTINUES, grown.get());
        }
        longestPause = longer(longestPause, lookedAt.minus(lastGrowth));
        lastGrowth = lookedAt;
        until = later(until, lastGrowth.plus(lostTasks).plus(longestPause).plus(POLL));
      }
      Duration asked = time.since(start);
      SortedMap<Partition, Long> ends = sight.ends().ask();
      grown = same ? grown(now, endsBefore, ends) : Optional.empty();
      grownSince = lookedAt;
      before = now;
      lookedAt = asked;
      endsBefore = ends;
    }
    return result;
  }

  private Duration later(Duration until, Duration needed) {
    if (needed.compareTo(until) <= 0) {
      return until;
    }
    if (until.equals(watch)) {
      progress.accept(
          "sees the output grow, and watches until it has not grown for %s s: tasks of a lost JobManager may be writing"
              .formatted(lostTasks.toSeconds()));
    }
    return needed;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** The message for {@link Motion#CONTINUES}. */
  static String writesElsewhere(String prefix, String seen) {
    return ("something that this Flink cluster does not know writes with the "
            + "transactional-id prefix (%s): %s. It is a job on another cluster, or tasks "
            + "of a lost JobManager, which end by themselves after heartbeat.timeout: try "
            + "again in a minute. Two copies would end each other's transactions: if it "
            + "still writes then, find that job and stop it first, or give the second "
            + "copy its own prefix and output topics with --fork")
        .formatted(prefix, seen);
  }

  /** The message for {@link Motion#ENDED}. */
  static String wroteBefore(String prefix, String seen) {
    return ("something wrote with the transactional-id prefix (%s): %s. It has ended since, as "
            + "tasks of a lost JobManager do. A copy on another Flink cluster that writes more "
            + "rarely than it was watched for would look the same: make sure that none runs")
        .formatted(prefix, seen);
  }

  /**
   * The message for {@link Motion#NONE}; empty if a copy would have been seen.
   *
   * @param looked what was checked, as the beginning of a sentence
   */
  static Optional<String> unseen(String looked, Duration watch, Optional<Duration> interval) {
    String what = "%s for %s s, ".formatted(looked, watch.toSeconds());
    String seen =
        "a copy on another Flink cluster that wrote nothing meanwhile was not seen. Make sure that none runs";
    if (interval.isEmpty()) {
      return Optional.of(what + "but no receipt records the job's checkpoint interval: " + seen);
    }
    return watch.compareTo(interval.get()) >= 0
        ? Optional.empty()
        : Optional.of(
            what + "which is less than from one checkpoint of the job to the next: " + seen);
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

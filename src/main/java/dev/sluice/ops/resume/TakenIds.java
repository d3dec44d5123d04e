package dev.sluice.ops.resume;

import dev.sluice.ops.broker.SinkWriters;
import java.io.IOException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The transactional ids that a copy takes at its next checkpoint, as they were at the first look. A
 * job makes an id that was never used, or, after it was taken back to an older snapshot, takes a
 * known one again: its producer's epoch rises. Used by one thread.
 */
final class TakenIds {

  /** How many ids are compared from each end: at each look, by one request. */
  static final int EACH = 100;

  private final SinkWriters writers;
  private final SortedSet<Long> numbers;
  private final long oldest;
  private final boolean all;
  private final SortedMap<Long, SinkWriters.Taker> before;

  private TakenIds(
      SinkWriters writers,
      SortedSet<Long> numbers,
      boolean all,
      SortedMap<Long, SinkWriters.Taker> before) {
    this.writers = writers;
    this.numbers = numbers;
    this.oldest = numbers.first();
    this.all = all;
    this.before = before;
  }

  /**
   * Takes the first look.
   *
   * @param reached the checkpoint that the job is known to have made
   * @param newest the highest number of an id that the brokers know
   */
  static TakenIds at(SinkWriters writers, long reached, long newest)
      throws IOException, InterruptedException {
    TreeSet<Long> numbers = new TreeSet<>();
    long last = Math.max(newest, reached) + 1;
    for (long number = reached + 1; number <= Math.min(last, reached + EACH); number++) {
      numbers.add(number);
    }
    for (long number = Math.max(1, last - EACH + 1); number <= last; number++) {
      numbers.add(number);
    }
    boolean all = numbers.first() == 1 && numbers.size() == last;
    return new TakenIds(writers, numbers, all, writers.taken(numbers));
  }

  /** An id that was made or taken again since the first look, in words; empty if none was. */
  Optional<String> since() throws IOException, InterruptedException {
    SortedMap<Long, SinkWriters.Taker> now = writers.taken(numbers);
    return now.entrySet().stream()
        .map(entry -> words(entry.getKey(), entry.getValue()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Optional<String> words(long number, SinkWriters.Taker now) {
    SinkWriters.Taker first = before.get(number);
    if (first == null) {
      return Optional.of(
          "transactional id (%s) was made, as a running job makes one at each checkpoint"
              .formatted(writers.id(number)));
    }
    boolean isSame = first.producerId() == now.producerId() && first.epoch() == now.epoch();
    return isSame || !first.isAtRest()
        ? Optional.empty()
        : Optional.of(
            "transactional id (%s) was taken again, as a running job takes one at each checkpoint"
                .formatted(writers.id(number)));
  }

  /** What was not compared, a sentence; empty if everything was. */
  Optional<String> unseen() {
    return all
        ? Optional.empty()
        : Optional.of(
            "Not all transactional ids were compared, only %s of them from %s on: a copy on another Flink cluster that takes one of the others, and has written nothing, was not seen. Make sure that none runs"
                .formatted(numbers.size(), writers.id(oldest)));
  }
}

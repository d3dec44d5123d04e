package dev.sluice.tool.resume;

import dev.sluice.tool.broker.SinkWriters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The transactional ids that a copy takes at its next checkpoint, as they were at the first query.
 * A job makes an id that was never used, or, after it was taken back to an older snapshot, takes a
 * known one again: its producer's epoch rises. A copy may be at any of them, so all are compared,
 * up to a number that the brokers answer within seconds. Used by one thread.
 */
final class TakenIds {

  /** How many ids are compared at each look; a job makes 20,000 in 55 h at one in 10 s. */
  static final int MOST = 20_000;

  private final SinkWriters writers;
  private final NavigableSet<Long> numbers;
  private final long reached;
  private final SortedMap<Long, SinkWriters.Taker> before;

  private TakenIds(
      SinkWriters writers,
      NavigableSet<Long> numbers,
      long reached,
      SortedMap<Long, SinkWriters.Taker> before) {
    this.writers = writers;
    this.numbers = numbers;
    this.reached = reached;
    this.before = before;
  }

  /**
   * Makes the first query.
   *
   * @param reached the checkpoint that the job is known to have made
   * @param newest the highest number of an id that the brokers know
   * @param most how many ids to compare: of more, half of them from the next of the checkpoint on,
   *     and the others from the newest back
   */
  static TakenIds at(SinkWriters writers, long reached, long newest, int most)
      throws IOException, InterruptedException {
    NavigableSet<Long> numbers = new TreeSet<>();
    long last = Math.max(newest, reached) + 1;
    for (long number = reached + 1; number <= last && numbers.size() < most / 2; number++) {
      numbers.add(number);
    }
    for (long number = last; number > 0 && numbers.size() < most; number--) {
      numbers.add(number);
    }
    return new TakenIds(writers, numbers, reached, writers.taken(numbers));
  }

  /** An id that was made or taken again since the first query, in words; empty if none was. */
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

  /** What was not compared, a sentence or two; empty if everything was. */
  Optional<String> unseen() {
    List<String> gaps = new ArrayList<>();
    long next = 1;
    for (long number : numbers) {
      if (number > next) {
        gaps.add(gap(next, number - 1));
      }
      next = number + 1;
    }
    return gaps.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ("Not compared were the transactional ids %s: a copy on another Flink cluster that takes one of these, "
                    + "and has written nothing, was not seen. Make sure that none runs")
                .formatted(String.join(", and ", gaps)));
  }

  private String gap(long first, long last) {
    return "from %s to %s%s"
        .formatted(
            writers.id(first),
            writers.id(last),
            last <= reached
                ? ", which only a copy takes that has not made checkpoint %s yet".formatted(reached)
                : "");
  }
}

package dev.sluice.tool.guard;

import dev.sluice.tool.stop.OutputState;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Polls how far the job's output can be read. It continues when the job is gone: no one ends what
 * is open then, and its readers wait for it.
 *
 * <p>One thread polls; {@link #last()} may be asked by any.
 */
final class OutputWatch {

  /** Between two polls. */
  static final Duration PAUSE = Duration.ofSeconds(15);

  private final GuardedJob job;
  private final Time time;
  private final GuardLog log;
  private Map<String, Held> held = Map.of();
  private volatile @Nullable Trouble trouble;
  private volatile @Nullable Sight last;

  OutputWatch(GuardedJob job, Time time, GuardLog log) {
    this.job = job;
    this.time = time;
    this.log = log;
  }

  /**
   * An observation.
   *
   * @param openTransactions of the job that have not ended
   * @param oldestBegan when the oldest of them began; {@code at} if there is none
   * @param heldBack offsets that readers with read_committed can't reach yet, all partitions
   *     together
   * @param heldBackSince since when no reader of some partition has come further though more is
   *     there; {@code at} if there is no such partition
   * @param at when it was observed
   */
  record Sight(
      int openTransactions, Instant oldestBegan, long heldBack, Instant heldBackSince, Instant at) {

    /** Age of the oldest open transaction, in seconds; 0 if there is none. */
    double oldestSeconds() {
      return seconds(oldestBegan);
    }

    /** How long some partition has held its readers back, in seconds; 0 if none does. */
    double heldBackSeconds() {
      return seconds(heldBackSince);
    }

    private double seconds(Instant since) {
      return Math.max(0, Duration.between(since, at).toMillis() / 1e3); // clocks differ
    }
  }

  /** Where a partition's readers wait, and since when they are known to. */
  private record Held(long stableEnd, Instant since) {}

  /**
   * Why the output can't be read.
   *
   * @param since when that reason came up
   * @param text why
   */
  record Trouble(Instant since, String text) {}

  /** Polls once, with the job as it was seen last. */
  void look(@Nullable ObservedJob seen) throws InterruptedException {
    try {
      String running = seen != null && seen.isRunning() ? seen.id() : null;
      last = job.output(running).map(this::seen).orElse(null);
      trouble = null;
    } catch (IOException | RuntimeException e) {
      last = null;
      String found = "the output can't be checked: " + e.getMessage();
      Trouble known = trouble;
      if (known == null || !known.text().equals(found)) {
        log.say(found);
        trouble = new Trouble(time.now(), found);
      }
    }
  }

  /** Why the last poll failed; null if it did not. */
  @Nullable Trouble trouble() {
    return trouble;
  }

  private Sight seen(OutputState state) {
    Instant at = time.now();
    Map<String, Held> before = held;
    Map<String, Held> behind = new HashMap<>();
    state
        .heldBack()
        .forEach(
            (partition, now) -> {
              Held known = before.get(partition);
              boolean stands = known != null && known.stableEnd() == now.stableEnd();
              behind.put(partition, stands ? known : new Held(now.stableEnd(), at));
            });
    held = behind;
    List<Instant> begun = state.begun();
    return new Sight(
        begun.size(),
        begun.stream().min(Comparator.naturalOrder()).orElse(at),
        state.heldBack().values().stream().mapToLong(OutputState.HeldBack::records).sum(),
        behind.values().stream().map(Held::since).min(Comparator.naturalOrder()).orElse(at),
        at);
  }

  /** What was seen last; null if that is not known. */
  @Nullable Sight last() {
    return last;
  }
}

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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Polls, on a thread of its own, how far the job's output can be read. It continues when the job is
 * gone: no one ends what is open then, and its readers wait for it.
 *
 * <p>Only the thread polls; {@link #last()} may be asked by any.
 */
final class OutputWatch implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofSeconds(15);

  private final GuardOperations.OutputLook look;
  private final Supplier<@Nullable ObservedJob> job;
  private final Time time;
  private final GuardLog log;
  private Map<String, Held> held = Map.of();
  private @Nullable Thread thread;
  private volatile @Nullable Trouble trouble;
  private volatile @Nullable OutputSight last;

  OutputWatch(
      GuardOperations.OutputLook look,
      Supplier<@Nullable ObservedJob> job,
      Time time,
      GuardLog log) {
    this.look = look;
    this.job = job;
    this.time = time;
    this.log = log;
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

  /** Polls at once, and then each {@link #PAUSE}. */
  void start() {
    Thread background = new Thread(this::goOn, "output-watch");
    background.setDaemon(true);
    background.start();
    thread = background;
  }

  private void goOn() {
    try {
      while (true) {
        look();
        time.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Polls once. */
  void look() throws InterruptedException {
    try {
      last = look.look(running()).map(this::seen).orElse(null);
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

  private @Nullable String running() {
    ObservedJob sight = job.get();
    return sight != null && sight.isRunning() ? sight.id() : null;
  }

  private OutputSight seen(OutputState state) {
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
    return new OutputSight(
        begun.size(),
        begun.stream().min(Comparator.naturalOrder()).orElse(at),
        state.heldBack().values().stream().mapToLong(OutputState.HeldBack::records).sum(),
        behind.values().stream().map(Held::since).min(Comparator.naturalOrder()).orElse(at),
        at);
  }

  /** What was seen last; null if that is not known. */
  @Nullable OutputSight last() {
    return last;
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}

package dev.sluice.guard;

import dev.sluice.ledger.Partition;
import dev.sluice.ops.broker.OutputState;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again, on a thread of its own, how far the job's output can be read. It goes on
 * when the job is gone: what is open then waits for nobody, and its readers wait for it.
 *
 * <p>The thread alone looks; {@link #last()} may be asked by any.
 */
final class OutputWatch implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofSeconds(15);

  private final OutputLook look;
  private final Supplier<@Nullable JobSight> job;
  private final Clock clock;
  private final GuardLog log;
  private Map<Partition, Held> held = Map.of();
  private String problem = "";
  private @Nullable Thread thread;
  private volatile @Nullable OutputSight last;

  OutputWatch(OutputLook look, Supplier<@Nullable JobSight> job, Clock clock, GuardLog log) {
    this.look = look;
    this.job = job;
    this.clock = clock;
    this.log = log;
  }

  /** Where a partition's readers wait, and since when they are known to. */
  private record Held(long stableEnd, Instant since) {}

  /** Looks at once, and then each {@link #PAUSE}. */
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
        Thread.sleep(PAUSE.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Looks once. */
  void look() throws InterruptedException {
    String found = "";
    try {
      last = look.look(running()).map(this::seen).orElse(null);
    } catch (IOException | RuntimeException e) {
      last = null;
      found = "the output can't be looked at: " + e.getMessage();
    }
    if (!found.isEmpty() && !found.equals(problem)) {
      log.say(found);
    }
    problem = found;
  }

  private @Nullable String running() {
    JobSight sight = job.get();
    return sight != null && sight.isRunning() ? sight.id() : null;
  }

  private OutputSight seen(OutputState state) {
    Instant now = clock.instant();
    Map<Partition, Held> before = held;
    Map<Partition, Held> behind = new HashMap<>();
    long records = 0;
    for (Map.Entry<Partition, Long> stable : state.stableEnds().entrySet()) {
      Partition partition = stable.getKey();
      long waiting = state.ends().getOrDefault(partition, 0L) - stable.getValue();
      if (waiting > 0) {
        Held known = before.get(partition);
        behind.put(
            partition,
            known != null && known.stableEnd() == stable.getValue()
                ? known
                : new Held(stable.getValue(), now));
        records += waiting;
      }
    }
    held = behind;
    List<Instant> begun = state.begun();
    return new OutputSight(
        begun.size(),
        begun.stream().min(Comparator.naturalOrder()).orElse(now),
        records,
        behind.values().stream().map(Held::since).min(Comparator.naturalOrder()).orElse(now),
        now);
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

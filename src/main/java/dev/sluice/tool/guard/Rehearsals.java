package dev.sluice.tool.guard;

import dev.sluice.settings.SettingsException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rehearses the stop whenever a job has begun to run, and from time to time after that, so that a
 * stop that would be refused is known before the signal comes. A rehearsal from before the brokers
 * stopped answering no longer counts, and is repeated at once.
 *
 * <p>Rehearsals run one at a time on the executor, never on the thread of a signal or of the poll:
 * a stop that begins meanwhile waits for none. What a rehearsal finds while a stop is under way, or
 * about an earlier run, is dropped: it would take the guard's own stop for a foreign one, and a run
 * of before, maybe under the same id, for this one. {@code this} guards the fields.
 */
final class Rehearsals {

  /** Something may have changed since. */
  static final Duration AGAIN = Duration.ofMinutes(1);

  /** A rehearsal that takes longer says that a stop would, too. */
  private static final Duration STALE = AGAIN.multipliedBy(2);

  /** The cause may be gone, as when the first checkpoint is complete. */
  static final Duration AGAIN_AFTER_REFUSAL = Duration.ofSeconds(10);

  private final GuardedJob job;
  private final Supplier<@Nullable StopProgress> stop;
  private final Supplier<OutputWatch.@Nullable Trouble> trouble;
  private final Executor executor;
  private final Clock clock;
  private final GuardLog log;
  private ObservedJob.@Nullable Run run;
  private boolean underWay;
  private @Nullable Verdict verdict;

  Rehearsals(
      GuardedJob job,
      Supplier<@Nullable StopProgress> stop,
      Supplier<OutputWatch.@Nullable Trouble> trouble,
      Executor executor,
      Clock clock,
      GuardLog log) {
    this.job = job;
    this.stop = stop;
    this.trouble = trouble;
    this.executor = executor;
    this.clock = clock;
    this.log = log;
  }

  /**
   * What the last rehearsal found.
   *
   * @param began when
   * @param at when it ended
   * @param good whether a stop would begin
   * @param text what it would do, or why it would be refused
   */
  record Verdict(Instant began, Instant at, boolean good, String text) {

    private Instant due() {
      return at.plus(good ? AGAIN : AGAIN_AFTER_REFUSAL);
    }

    /** Whether both say the same, but for figures in it. */
    private boolean isLike(@Nullable Verdict other) {
      return other != null
          && good == other.good
          && text.replaceAll("\\d+", "").equals(other.text.replaceAll("\\d+", ""));
    }
  }

  /** Begins a rehearsal if one is due; returns at once. */
  synchronized void seen(@Nullable ObservedJob sight) {
    if (sight == null || sight.id() == null) {
      return; // not known to be another job: an election of the next JobManager, maybe
    }
    ObservedJob.Run running = sight.running();
    if (running == null || !running.equals(run)) {
      verdict = null;
      run = running;
    }
    boolean due =
        verdict == null
            || !clock.instant().isBefore(verdict.due())
            || isOvertaken(verdict, trouble.get());
    StopProgress before = stop.get();
    boolean stopping = before != null && !before.isOver();
    if (running == null || underWay || !due || stopping) {
      return;
    }
    underWay = true;
    try {
      executor.execute(() -> rehearse(running, before));
    } catch (RejectedExecutionException closed) {
      underWay = false;
    }
  }

  /** Whether the brokers have stopped answering since. */
  private static boolean isOvertaken(Verdict verdict, OutputWatch.@Nullable Trouble trouble) {
    return trouble != null && verdict.began().isBefore(trouble.since());
  }

  private void rehearse(ObservedJob.Run of, @Nullable StopProgress before) {
    Verdict found = null;
    try {
      found = found();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } finally {
      end(of, before, found);
    }
  }

  private Verdict found() throws InterruptedException {
    Instant began = clock.instant();
    try {
      String text = job.rehearse();
      return new Verdict(began, clock.instant(), true, text);
    } catch (IOException | IllegalArgumentException | SettingsException e) {
      return new Verdict(began, clock.instant(), false, "" + e.getMessage());
    } catch (RuntimeException e) {
      return new Verdict(began, clock.instant(), false, "it can't be rehearsed: " + e);
    }
  }

  /** It says nothing about a stop that has begun meanwhile, even if that is over. */
  private synchronized void end(
      ObservedJob.Run of, @Nullable StopProgress before, @Nullable Verdict found) {
    underWay = false;
    if (found == null || !of.equals(run) || stop.get() != before) {
      return;
    }
    if (!found.isLike(verdict)) {
      log.say(
          (found.good() ? "the stop is rehearsed: it " : "a stop would be refused: ")
              + found.text());
    }
    verdict = found;
  }

  /** What the last rehearsal of the job that runs found; null before the first. */
  synchronized @Nullable Verdict last() {
    return verdict;
  }

  /** Why a stop would not begin; null if it would. */
  @Nullable String refusal() {
    Verdict last = last();
    if (last == null) {
      return "the stop has not been rehearsed yet";
    }
    OutputWatch.Trouble silent = trouble.get();
    if (last.good() && silent != null && isOvertaken(last, silent)) {
      return silent.text() + "; the stop has not been rehearsed since";
    }
    if (last.good() && clock.instant().isAfter(last.at().plus(STALE))) {
      return "the stop was rehearsed at %s for the last time, and the next rehearsal has not ended"
          .formatted(last.at());
    }
    return last.good() ? null : "a stop would be refused: " + last.text();
  }
}

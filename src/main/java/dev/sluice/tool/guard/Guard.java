package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.stop.StopEvent;
import dev.sluice.tool.stop.StopListener;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stops one job on request, at most one stop at a time: a request during a stop gets that stop as
 * its answer.
 *
 * <p>It ends in three ways. A signal to stop ends it with the exit code of the last stop. The same
 * signal ends it with {@link #LEFT} and no stop if another guard has just promised to guard the
 * job: so an orchestrator that starts the next one first can replace it. And a request to detach
 * ends it with {@link #LEFT} at once, never in the middle of a stop. A stop that an earlier guard
 * left is ended first, and is not the one that a signal asks for: the running job may be another
 * run.
 *
 * <p>Any thread may call it. {@code this} guards the fields; callbacks are called without holding
 * it.
 */
final class Guard {

  /** The exit code of a guard that has left a job running. */
  static final int LEFT = 8;

  private final GuardedJob job;
  private final JobPoll poll;
  private final OtherGuards others;
  private final List<? extends Callback> callbacks;
  private final Clock clock;
  private final GuardLog log;
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private boolean adoptionDecided;
  private boolean leaving;
  private String adoptionProblem = "";
  private @Nullable StopProgress stop;
  private @Nullable StopEnd lastEnd;
  private @Nullable Instant lastReceiptAt;
  private @Nullable String endingBecause;

  /**
   * @param others are asked before a signal stops the job
   */
  Guard(
      GuardedJob job,
      JobPoll poll,
      OtherGuards others,
      List<? extends Callback> callbacks,
      Clock clock,
      GuardLog log) {
    this.job = job;
    this.poll = poll;
    this.others = others;
    this.callbacks = callbacks;
    this.clock = clock;
    this.log = log;
  }

  /**
   * Continues the stop that an earlier guard left behind, if there is one. Asks until it has an
   * answer, because the JobManager may be unavailable at first.
   */
  void adopt() throws InterruptedException {
    if (adoptionDecided) {
      return;
    }
    try {
      Optional<Function<StopListener, CompletableFuture<StopResult>>> left = job.leftStop();
      adoptionDecided = true;
      if (left.isPresent()) {
        log.say("a stop of %s is in flight: continuing it".formatted(job.name()));
        begin(new StopProgress("an earlier guard", true, clock.instant()), left.get());
      }
    } catch (IOException e) {
      String why = "" + e.getMessage();
      if (!why.equals(adoptionProblem)) {
        log.say("whether a stop is in flight is not known yet: " + why);
        adoptionProblem = why;
      }
    }
  }

  /**
   * A signal has come: stops the job if it is not stopped yet and no other guard watches it, then
   * ends the guard.
   *
   * @param signal as SIGTERM
   */
  void signalled(String signal) throws InterruptedException {
    StopEnd done = end();
    boolean runsOn =
        done == null || !done.result().kind().isStopped() || runsAfter(done, poll.look());
    synchronized (this) {
      if (endingBecause != null || isStopping()) {
        log.say(
            isLeft(stop)
                ? "%s: ending the stop that was left; then stops %s: %s"
                    .formatted(signal, job.name(), where())
                : "%s: already stopping: %s".formatted(signal, where()));
        ends(signal);
        return;
      }
      ends(signal);
    }
    if (done != null && !runsOn) {
      log.say(
          "%s: %s was stopped before (%s)"
              .formatted(signal, job.name(), done.result().kind().code()));
      exit.complete(done.result().exitCode());
      return;
    }
    stopFor(signal);
  }

  /** Takes back what it has promised, too, to those who have not taken it yet. */
  private synchronized void ends(String cause) {
    endingBecause = cause;
    poll.guardEnds();
    others.guardEnds();
  }

  private void stopFor(String signal) throws InterruptedException {
    if (leavesToAnother(signal)) {
      return;
    }
    log.say(
        "%s: stopping %s within %s s, else it will %s"
            .formatted(
                signal,
                job.name(),
                job.policy().grace().toSeconds(),
                job.policy().onTimeout().words()));
    begin(signal);
  }

  private boolean leavesToAnother(String signal) throws InterruptedException {
    ObservedJob seen = poll.lastAnswer();
    ObservedJob.Run run = seen == null ? null : seen.running();
    Optional<String> next = run == null ? Optional.empty() : others.guardInPlace(run);
    if (next.isEmpty()) {
      return false;
    }
    synchronized (this) {
      if (isStopping()) { // begun by a request, or left by an earlier guard, while it asked
        log.say(
            "%s: another guard (%s) guards %s, but this one ends a stop first: %s"
                .formatted(signal, next.get(), job.name(), where()));
        return true;
      }
      log.say(
          "%s: %s runs on, another guard (%s) guards it".formatted(signal, job.name(), next.get()));
      exit.complete(LEFT);
    }
    return true;
  }

  /**
   * Ends the guard and leaves the job running, unless a stop is under way: that one is ended first.
   * Its promises to other guards are withdrawn before it returns, so that none of them leaves
   * because of them.
   *
   * @param cause a signal or a request
   * @return {@code BEGUN} if the guard ends for this; it does when {@link #left()} is called
   */
  Departure detach(String cause) {
    synchronized (this) {
      Departure other = departure();
      if (other != Departure.BEGUN) {
        log.say("%s: %s".formatted(cause, other.words(endingBecause, where())));
        return other;
      }
      ends(cause);
      leaving = true;
      log.say(
          "%s: leaving; %s runs on, and no guard stops it until the next one is there"
              .formatted(cause, job.name()));
    }
    others.leaves();
    return Departure.BEGUN;
  }

  private synchronized Departure departure() {
    if (leaving) {
      return Departure.BEGUN_BEFORE;
    }
    if (isStopping()) {
      return Departure.STOPPING;
    }
    if (exit.isDone()) {
      return Departure.OVER;
    }
    return endingBecause == null ? Departure.BEGUN : Departure.ASKING;
  }

  /** The caller that detached it has received this answer. */
  void left() {
    exit.complete(LEFT);
  }

  private static boolean isLeft(@Nullable StopProgress one) {
    return one != null && one.isLeft() && !one.isOver();
  }

  /**
   * Whether there is a run of the job that this stop has not ended, in any state: a run that is
   * just submitted or recovers is lost with its machine, too. While the JobManager does not answer,
   * its last answer counts, if that was about another run or after the stop's end.
   */
  private boolean runsAfter(StopEnd end, ObservedJob now) {
    ObservedJob last = now.answered() ? now : poll.lastAnswer();
    return last != null
        && !last.isOver()
        && (now.answered() || last.at().isAfter(end.at()) || !end.isOf(last.id()));
  }

  private synchronized @Nullable StopEnd end() {
    return stop == null ? null : stop.end();
  }

  private synchronized String where() {
    return stop == null ? "it ends" : stop.where(clock.instant());
  }

  /**
   * Begins a stop, unless one is under way or the guard leaves.
   *
   * @return whether it began
   */
  boolean begin(String cause) {
    return begin(new StopProgress(cause, false, clock.instant()), job::stop);
  }

  private boolean begin(
      StopProgress begun, Function<StopListener, CompletableFuture<StopResult>> how) {
    synchronized (this) {
      if (isStopping() || leaving || exit.isDone()) {
        return false;
      }
      stop = begun;
    }
    try {
      CompletableFuture<?> unused =
          how.apply(event -> heard(begun, event))
              .whenComplete((end, thrown) -> ended(begun, end, thrown));
    } catch (RuntimeException e) {
      ended(begun, null, e);
    }
    return true;
  }

  private void heard(StopProgress begun, StopEvent event) {
    begun.on(event);
    if (event instanceof StopEvent.Started) {
      log.say("%s: %s".formatted(event.step().code(), event.text()));
    } else if (event instanceof StopEvent.Ended over) {
      log.say(
          "%s: %s after %s ms: %s"
              .formatted(
                  over.step().code(), over.result().code(), over.took().toMillis(), over.text()));
    }
    tell(callback -> callback.on(event));
  }

  private void ended(StopProgress begun, @Nullable StopResult outcome, @Nullable Throwable thrown) {
    StopResult result =
        outcome != null
            ? outcome
            : StopResult.brokenOff(
                thrown == null ? new IllegalStateException("no end") : thrown,
                "a guard that is started again continues this stop.");
    StopEnd end = new StopEnd(clock.instant(), result);
    log.say(
        "stop ended: %s, exit code %s: %s"
            .formatted(result.kind().code(), result.exitCode(), result.text()));
    tell(callback -> callback.ended(end));
    boolean runsOn = runsAfter(end, lookAtTheEnd());
    String signal;
    synchronized (this) {
      begun.ended(end);
      lastEnd = end;
      lastReceiptAt = result.receipt() == null ? lastReceiptAt : end.at();
      signal = endingBecause;
    }
    if (signal != null && begun.isLeft() && (runsOn || !result.kind().isStopped())) {
      stopAfterALeftOne(signal);
    } else if (signal != null) {
      exit.complete(result.exitCode());
    }
  }

  private void stopAfterALeftOne(String signal) {
    try {
      stopFor(signal);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ObservedJob lookAtTheEnd() {
    try {
      return poll.look();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ObservedJob.unanswered(clock.instant(), "interrupted");
    }
  }

  /** Notifies every callback, whatever one of them does. */
  private void tell(Consumer<Callback> what) {
    for (Callback callback : callbacks) {
      try {
        what.accept(callback);
      } catch (RuntimeException e) {
        log.say("%s failed: %s".formatted(callback.getClass().getSimpleName(), e));
      }
    }
  }

  synchronized boolean isStopping() {
    return stop != null && !stop.isOver();
  }

  /** The stop that is under way, or else the last one; null before the first. */
  synchronized @Nullable StopProgress stop() {
    return stop;
  }

  /** How the last stop ended; null if none has. */
  synchronized @Nullable StopEnd lastEnd() {
    return lastEnd;
  }

  /** When a stop last ended with a receipt; null if none has. */
  synchronized @Nullable Instant lastReceiptAt() {
    return lastReceiptAt;
  }

  /** Completes with the exit code when a signal has ended the guard. */
  CompletableFuture<Integer> exit() {
    return exit;
  }
}

package dev.sluice.tool.guard;

import dev.sluice.tool.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Polls the job, on a thread of its own or on request, and keeps the last result. Any thread may
 * call it.
 */
final class JobPoll implements JobWatch, AutoCloseable {

  private final JobWatch watch;
  private final Duration pause;
  private final Time time;
  private final GuardLog log;
  private final String job;
  private @Nullable Thread thread;
  private volatile @Nullable ObservedJob last;
  private volatile Instant lookedAt;
  private volatile BooleanSupplier ending = () -> false;

  JobPoll(JobWatch watch, String job, Duration pause, Time time, GuardLog log) {
    this.watch = watch;
    this.job = job;
    this.pause = pause;
    this.time = time;
    this.log = log;
    this.lookedAt = time.now();
  }

  /** Says whom it asks whether the guard ends, which then waits for no other run. */
  void endsWith(BooleanSupplier guard) {
    ending = guard;
  }

  /** Is notified of each poll. */
  @FunctionalInterface
  interface AfterLook {
    void run() throws InterruptedException;
  }

  /**
   * Polls once, then continues in the background.
   *
   * @param after is run after each poll that the JobManager answered
   * @param silent is run after each of the others
   */
  void start(AfterLook after, AfterLook silent) throws InterruptedException {
    lookThen(after, silent);
    Thread background = new Thread(() -> goOn(after, silent), "job-watch");
    background.setDaemon(true);
    background.start();
    thread = background;
  }

  private void goOn(AfterLook after, AfterLook silent) {
    try {
      while (true) {
        time.sleep(pause);
        lookThen(after, silent);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private void lookThen(AfterLook after, AfterLook silent) throws InterruptedException {
    if (look().answered()) {
      after.run();
    } else {
      silent.run();
    }
  }

  @Override
  public synchronized ObservedJob look() throws InterruptedException {
    ObservedJob now;
    try {
      now = watch.look();
    } catch (RuntimeException e) {
      now = ObservedJob.unanswered(time.now(), "the job could not be checked: " + e);
    }
    lookedAt = time.now();
    ObservedJob before = last;
    last = now;
    if (before == null || !Objects.equals(shown(before), shown(now))) {
      log.say(shown(now));
    }
    return now;
  }

  /** What of a sight is worth a line when it changes. */
  private String shown(ObservedJob sight) {
    boolean ends = ending.getAsBoolean();
    if (sight.id() == null) {
      String waits = ends ? "" : "waiting for the job: ";
      return (sight.answered() ? waits : "Flink can't be asked: ") + sight.problem();
    }
    String next = ends ? ": the guard ends" : ": waiting for it to be submitted again";
    return "%s (%s) is %s%s".formatted(job, sight.id(), sight.state(), sight.isOver() ? next : "");
  }

  /** What was seen last; null before the first poll. */
  @Nullable ObservedJob last() {
    return last;
  }

  /** The time since the end of the last poll, whatever its result. */
  Duration sinceLook() {
    return Duration.between(lookedAt, time.now());
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}

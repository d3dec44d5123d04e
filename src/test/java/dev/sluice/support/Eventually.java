package dev.sluice.support;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Waits for facts about other processes, which can only be asked again and again. */
public final class Eventually {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private Eventually() {}

  /**
   * Returns as soon as the condition holds. A condition that throws does not hold yet; its last
   * exception is the failure's cause.
   *
   * @param what what is awaited, as in "the job is RUNNING"
   * @throws AssertionError if it does not hold in time
   */
  public static void until(String what, Duration deadline, Callable<Boolean> condition) {
    long end = System.nanoTime() + deadline.toNanos();
    AssertionError failure = new AssertionError("Not within " + deadline + ": " + what);
    while (true) {
      Throwable last = null;
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception e) {
        last = e;
      }
      if (System.nanoTime() > end) {
        failure.initCause(last);
        throw failure;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /**
   * Returns when a figure has not changed for a while.
   *
   * @param what what is awaited, as in "everything is flushed"
   * @throws AssertionError if it never rests so long in time
   */
  public static void unchanged(
      String what, Duration deadline, Duration quiet, Callable<Long> figure) {
    AtomicReference<Long> last = new AtomicReference<>();
    AtomicLong since = new AtomicLong(System.nanoTime());
    until(
        what,
        deadline,
        () -> {
          Long now = figure.call();
          if (!now.equals(last.getAndSet(now))) {
            since.set(System.nanoTime());
          }
          return System.nanoTime() - since.get() > quiet.toNanos();
        });
  }
}

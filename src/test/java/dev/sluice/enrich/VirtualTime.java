package dev.sluice.enrich;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A clock and its timers, which advance only when the test says so. Thread-safe. */
final class VirtualTime extends ScheduledThreadPoolExecutor {

  private final List<Timer<?>> timers = new ArrayList<>();

  /** The delay of each timer, milliseconds, in the order in which they were set. */
  final BlockingQueue<Long> delays = new LinkedBlockingQueue<>();

  private long nowMs;

  VirtualTime() {
    super(0);
  }

  Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return Instant.ofEpochMilli(now());
      }
    };
  }

  private synchronized long now() {
    return nowMs;
  }

  /** Lets time pass and runs what is due, in the order of its time. */
  void advance(long ms) {
    List<Timer<?>> due;
    synchronized (this) {
      nowMs += ms;
      due =
          timers.stream()
              .filter(timer -> timer.dueMs <= nowMs)
              .sorted(Comparator.comparingLong(timer -> timer.dueMs))
              .toList();
      timers.removeAll(due);
    }
    due.forEach(FutureTask::run);
  }

  /** The delay of the next timer that was set for less than {@code belowMs}. */
  long nextDelayBelow(long belowMs) throws InterruptedException {
    while (true) {
      Long delay = delays.poll(10, TimeUnit.SECONDS);
      if (delay == null) {
        throw new AssertionError("no timer below " + belowMs + " ms was set within 10 s");
      }
      if (delay < belowMs) {
        return delay;
      }
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return schedule(Executors.callable(command), delay, unit);
  }

  @Override
  public synchronized <V> ScheduledFuture<V> schedule(
      Callable<V> callable, long delay, TimeUnit unit) {
    Timer<V> timer = new Timer<>(callable, nowMs + unit.toMillis(delay));
    timers.add(timer);
    delays.add(unit.toMillis(delay));
    return timer;
  }

  private static final class Timer<V> extends FutureTask<V> implements ScheduledFuture<V> {

    private final long dueMs;

    Timer(Callable<V> callable, long dueMs) {
      super(callable);
      this.dueMs = dueMs;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.MILLISECONDS), other.getDelay(TimeUnit.MILLISECONDS));
    }
  }
}

package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which threads wait for a file system, for what and since when. The client of a store that hangs
 * may wait for minutes, or for ever as a hard-mounted NFS does, and can't be made to stop: who
 * waits for such a thread has to give it up. A thread that computes, or whose store answers however
 * slowly, is not given up.
 */
final class StoreCalls {

  private static final Map<Thread, Waiting> WAITING = new ConcurrentHashMap<>();

  private StoreCalls() {}

  /**
   * A call that has not been answered.
   *
   * @param place what was asked for
   * @param since when, by the monotonic clock
   */
  private record Waiting(String place, long since) {

    Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - since);
    }
  }

  @FunctionalInterface
  interface Call<T> {
    T call() throws IOException;
  }

  /**
   * Calls a file system. A call within another one is a part of that.
   *
   * @param place for messages
   */
  static <T> T of(String place, Call<T> call) throws IOException {
    Thread thread = Thread.currentThread();
    boolean outermost = WAITING.putIfAbsent(thread, new Waiting(place, System.nanoTime())) == null;
    try {
      return call.call();
    } finally {
      if (outermost) {
        WAITING.remove(thread);
      }
    }
  }

  /**
   * The place for which one of some threads has waited longer than it may; empty if none has.
   *
   * @param most how long it may
   */
  static Optional<String> hanging(Set<Thread> threads, Duration most) {
    return threads.stream()
        .map(WAITING::get)
        .filter(waiting -> waiting != null && waiting.elapsed().compareTo(most) > 0)
        .map(Waiting::place)
        .findFirst();
  }

  /** Whether all of those threads that live have waited longer than they may. */
  static boolean hang(Set<Thread> threads, Duration most) {
    return threads.stream()
        .filter(Thread::isAlive)
        .allMatch(
            thread -> {
              Waiting waiting = WAITING.get(thread);
              return waiting != null && waiting.elapsed().compareTo(most) > 0;
            });
  }
}

package dev.sluice.tool.savepoint;

import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks file systems that may fail for a while, or hang. What is asked runs on a thread of its own,
 * which is given up, and does not keep the process alive, once one call has not been answered for
 * too long.
 *
 * <p>It is noted which threads wait for a file system, for what and since when. The client of a
 * store that hangs may wait for minutes, or for ever as a hard-mounted NFS does, and can't be made
 * to stop: who waits for such a thread has to give it up. A thread that computes, or whose store
 * answers however slowly, is not given up.
 */
public final class Stores {

  /** How long a file system that fails is left alone. */
  static final Duration AGAIN = Duration.ofMillis(250);

  private static final Duration LOOK = Duration.ofMillis(50);

  private static final Map<Thread, Waiting> WAITING = new ConcurrentHashMap<>();

  private Stores() {}

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

  /** A question to a file system. */
  @FunctionalInterface
  public interface Question<T> {
    /** Asks it once. */
    T ask() throws IOException;
  }

  /**
   * Asks, and again while the file system fails.
   *
   * @param most how long that may take, and how long one call may hang
   * @throws UnreadFileException if a call hangs
   * @throws IOException the last failure, or at once one that asking again does not change
   */
  public static <T> T asked(Duration most, Question<T> question)
      throws IOException, InterruptedException {
    Deadline deadline = Time.system().after(most);
    while (true) {
      try {
        return once(most, question);
      } catch (IOException | UncheckedIOException e) {
        if (isBad(e) || deadline.isOver()) {
          throw e;
        }
      }
      deadline.time().sleep(AGAIN);
    }
  }

  /**
   * Asks, and again until the answer is whole.
   *
   * @param most how long that may take
   * @return the last answer
   */
  static <T> T whole(Duration most, Predicate<T> isWhole, Question<T> question)
      throws IOException, InterruptedException {
    Deadline deadline = Time.system().after(most);
    T answer = question.ask();
    while (!isWhole.test(answer) && !deadline.isOver()) {
      deadline.time().sleep(AGAIN);
      answer = question.ask();
    }
    return answer;
  }

  /** Whether a failure tells of the snapshot: reading again would bring nothing else. */
  public static boolean isBad(Exception e) {
    return e instanceof BadSnapshotException || e.getCause() instanceof BadSnapshotException;
  }

  /**
   * Asks once.
   *
   * @param most how long one call may hang
   * @throws UnreadFileException if one does
   */
  public static <T> T once(Duration most, Question<T> question)
      throws IOException, InterruptedException {
    FutureTask<T> asked = new FutureTask<>(question::ask);
    Thread thread = new Thread(asked, "snapshot-store");
    thread.setDaemon(true);
    thread.start();
    try {
      while (true) {
        try {
          return asked.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException notYet) {
          Optional<String> hanging = hanging(Set.of(thread), most);
          if (hanging.isPresent()) {
            throw UnreadFileException.ofOneThatHangs(hanging.get(), most);
          }
        }
      }
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      thread.interrupt(); // Some clients heed it.
    }
  }

  /** What a task has thrown, as what may be thrown here. */
  static IOException failure(@Nullable Throwable thrown) {
    if (thrown instanceof IOException e) {
      return e;
    } else if (thrown instanceof RuntimeException e) {
      throw e;
    } else if (thrown instanceof Error e) {
      throw e;
    }
    return new IOException(thrown);
  }

  /**
   * Calls a file system. A call within another one is a part of that.
   *
   * @param place for messages
   */
  static <T> T call(String place, Question<T> question) throws IOException {
    Thread thread = Thread.currentThread();
    boolean outermost = WAITING.putIfAbsent(thread, new Waiting(place, System.nanoTime())) == null;
    try {
      return question.ask();
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

package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The threads that read a snapshot: one for each processor, eight at most, so that what they hold
 * in memory does not grow with the snapshot. Their tasks never wait for one another; one thread
 * submits them and waits. A task that is no longer wanted ends at its next {@link #read}; all are
 * given up once the file system has not answered one of them for too long.
 */
final class ReadPool implements AutoCloseable {

  private static final int MOST_THREADS = 8;
  static final Duration QUIET = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(100);
  static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

  private final int size = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
  private final Set<Thread> readers = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          size,
          task -> {
            Thread thread = new Thread(task, "snapshot-reader");
            thread.setDaemon(true);
            readers.add(thread);
            return thread;
          });
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong all = new AtomicLong();
  private final ReadProgress progress;
  private final Duration quiet;
  private final Duration most;
  private long tellAt;

  /** What is known once a file system has hung; null before. */
  private @Nullable UnreadFileException hung;

  /**
   * Starts them; a file system may hang as long as it likes.
   *
   * @param bytes to be read
   */
  ReadPool(long bytes, ReadProgress progress) {
    this(bytes, progress, QUIET, FOR_EVER);
  }

  /**
   * Starts them.
   *
   * @param bytes to be read
   * @param quiet how long nothing is reported at first, and between two reports
   * @param most how long a file system may leave one call unanswered
   */
  ReadPool(long bytes, ReadProgress progress, Duration quiet, Duration most) {
    this.most = most;
    this.progress = progress;
    this.all.set(bytes);
    this.quiet = quiet;
    this.tellAt = System.nanoTime() + quiet.toNanos();
  }

  /** How many tasks run at once. */
  int size() {
    return size;
  }

  /** There is more to be read. */
  void more(long bytes) {
    all.addAndGet(bytes);
  }

  /**
   * A task has read something.
   *
   * @throws InterruptedIOException if its result is no longer wanted
   */
  void read(long bytes) throws InterruptedIOException {
    done.addAndGet(bytes);
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("the reading was given up");
    }
  }

  <T> Future<T> submit(Callable<T> task) {
    return threads.submit(task);
  }

  /**
   * Waits for all of them, whichever of them fail.
   *
   * @return their results, in their order
   * @throws IOException what the first one of those that failed has thrown
   */
  <T> List<T> await(List<Future<T>> tasks) throws IOException {
    List<T> results = new ArrayList<>();
    Throwable failure = null;
    for (Future<T> task : tasks) {
      try {
        results.add(await(task));
      } catch (IOException | RuntimeException | Error e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw Stores.failure(failure);
    }
    return results;
  }

  /** Why nothing is read any more; null if the file system answers. */
  @Nullable UnreadFileException hung() {
    return hung;
  }

  private void requireAnswers(Future<?> task) throws UnreadFileException {
    if (hung == null) {
      hung =
          Stores.hanging(readers, most)
              .map(place -> UnreadFileException.ofOneThatHangs(place, most))
              .orElse(null);
    }
    if (hung != null && !task.isDone()) {
      throw hung;
    }
  }

  /**
   * Waits for one of them, and meanwhile reports the progress of all.
   *
   * @throws UnreadFileException if a file system hangs
   */
  <T> T await(Future<T> task) throws IOException {
    try {
      while (true) {
        requireAnswers(task);
        @Nullable T result = soon(task);
        if (result != null) {
          return result;
        }
        if (System.nanoTime() - tellAt >= 0) {
          tellAt = System.nanoTime() + quiet.toNanos();
          progress.at(Math.min(done.get(), all.get()), all.get());
        }
      }
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      InterruptedIOException given = new InterruptedIOException("the reading was interrupted");
      given.initCause(e);
      throw given;
    } catch (ExecutionException e) {
      throw Stores.failure(e.getCause());
    }
  }

  private static <T> @Nullable T soon(Future<T> task)
      throws InterruptedException, ExecutionException {
    try {
      return task.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException notYet) {
      return null;
    }
  }

  /**
   * Gives up what has not been waited for, and returns when no task runs any more, but for those
   * for which a file system hangs.
   */
  @Override
  public void close() {
    threads.shutdownNow();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended =
            threads.awaitTermination(LOOK.toMillis(), TimeUnit.MILLISECONDS)
                || Stores.hang(readers, most);
      } catch (InterruptedException e) {
        interrupted = true; // What a task uses must not be closed under it.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

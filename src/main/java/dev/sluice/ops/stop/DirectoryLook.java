package dev.sluice.ops.stop;

import dev.sluice.ops.snapshot.SavepointDirectory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks whether this process can read where a savepoint will be. The client of a store that hangs
 * may wait for minutes and can't be made to stop, so each look has a thread of its own. A guard
 * that rehearses every few seconds waits for the look that is under way. One request may hang while
 * the store answers all others, so another look begins after a while, and the first answer counts.
 */
final class DirectoryLook {

  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  /** How long what was seen holds for one who asks later. */
  private static final Duration FRESH = Duration.ofMinutes(1);

  /** After how long a rehearsal begins another look of a place, and how many there may be. */
  private static final Duration NEXT_REHEARSED = Duration.ofMinutes(1);

  private static final int MOST_REHEARSED = 4;

  /** By place; each list is changed by whoever holds its monitor. */
  private static final Map<String, List<DirectoryLook>> UNDER_WAY = new ConcurrentHashMap<>();

  private final Instant begun = Instant.now();
  private final long begunNanos = System.nanoTime();

  /** Gives when it was seen that the directory can be read, by the nano clock. */
  private final CompletableFuture<Long> answer = new CompletableFuture<>();

  private volatile long endedNanos;

  private DirectoryLook(String uri) {
    Thread thread = new Thread(() -> look(uri), "savepoint-directory");
    thread.setDaemon(true);
    thread.start();
  }

  private void look(String uri) {
    try {
      SavepointDirectory.requireReadable(uri);
      endedNanos = System.nanoTime();
      answer.complete(endedNanos);
    } catch (IOException | RuntimeException e) {
      endedNanos = System.nanoTime();
      answer.completeExceptionally(e);
    }
  }

  /**
   * Looks, or waits for a look that is under way.
   *
   * @param most how long to wait; a stop begins a look of its own where the last is older
   * @param rehearses whether nothing is stopped: then a look is waited for longer before another
   *     begins, for this may go on for days
   * @throws dev.sluice.ops.snapshot.BadSnapshotException if it can't be read, and nothing changes
   *     by waiting
   * @throws IOException if its file system does not answer, or says no
   */
  static void at(String uri, Duration most, boolean rehearses)
      throws IOException, InterruptedException {
    List<DirectoryLook> looks = underWay(uri, most, rehearses);
    try {
      CompletableFuture.anyOf(
              looks.stream().map(look -> look.answer).toArray(CompletableFuture<?>[]::new))
          .get(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      DirectoryLook first = looks.get(0);
      throw new IOException(
          "the savepoint would go to %s, and its file system has not answered for %s s: %s; still waiting for the look of %s"
              .formatted(
                  uri,
                  first.age().toSeconds(),
                  SavepointDirectory.whereSilent(uri),
                  CLOCK.format(first.begun)),
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalArgumentException(e.getCause());
    } finally {
      told(uri);
    }
  }

  /** What was told once is looked at again by the next who asks. */
  private static void told(String uri) {
    List<DirectoryLook> looks = UNDER_WAY.computeIfAbsent(uri, place -> new ArrayList<>());
    synchronized (looks) {
      looks.removeIf(look -> look.answer.isDone());
    }
  }

  /** What is under way or was just seen, the oldest first, never empty. */
  private static List<DirectoryLook> underWay(String uri, Duration most, boolean rehearses) {
    List<DirectoryLook> looks = UNDER_WAY.computeIfAbsent(uri, place -> new ArrayList<>());
    synchronized (looks) {
      looks.removeIf(look -> look.isOver() || (!rehearses && look.hasFailed()));
      boolean begins = looks.isEmpty() || isNext(looks, most, rehearses);
      if (begins) {
        looks.add(new DirectoryLook(uri));
      }
      return List.copyOf(looks);
    }
  }

  private static boolean isNext(List<DirectoryLook> looks, Duration most, boolean rehearses) {
    Duration last = looks.get(looks.size() - 1).age();
    return rehearses
        ? last.compareTo(NEXT_REHEARSED) > 0 && looks.size() < MOST_REHEARSED
        : last.compareTo(most) > 0;
  }

  /** A stop is not refused for what was so before it asked; a rehearsal says what it was. */
  private boolean hasFailed() {
    return answer.isCompletedExceptionally();
  }

  /** Whether its answer says nothing of now. */
  private boolean isOver() {
    return answer.isDone() && System.nanoTime() - endedNanos > FRESH.toNanos();
  }

  private Duration age() {
    return Duration.ofNanos(System.nanoTime() - begunNanos);
  }
}

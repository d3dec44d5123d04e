package dev.sluice.ops.stop;

import dev.sluice.ops.snapshot.SavepointDirectory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks whether this process can read where a savepoint will be. The client of a store that hangs
 * may wait for minutes and can't be made to stop, so the look has a thread of its own, and a guard
 * that rehearses every few seconds waits for the look that is under way: there is one of a place at
 * a time. One that takes longer than anybody waits counts for the next who asks.
 */
final class DirectoryLook {

  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  /** How long what was seen holds for one who asks later. */
  private static final Duration FRESH = Duration.ofMinutes(1);

  private static final Map<String, DirectoryLook> UNDER_WAY = new ConcurrentHashMap<>();

  private final String uri;
  private final Instant begun = Instant.now();
  private final long begunNanos = System.nanoTime();
  private final FutureTask<Long> look;

  private DirectoryLook(String uri) {
    this.uri = uri;
    this.look =
        new FutureTask<>(
            () -> {
              SavepointDirectory.requireReadable(uri);
              return System.nanoTime();
            });
    Thread thread = new Thread(look, "savepoint-directory");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Looks, or waits for the look that is under way.
   *
   * @param most how long to wait
   * @throws dev.sluice.ops.snapshot.BadSnapshotException if it can't be read, and nothing changes
   *     by waiting
   * @throws IOException if its file system does not answer, or says no
   */
  static void at(String uri, Duration most) throws IOException, InterruptedException {
    DirectoryLook look = UNDER_WAY.computeIfAbsent(uri, DirectoryLook::new);
    if (!look.await(most)) { // It was over long ago.
      at(uri, most);
    }
  }

  /** Whether what was seen holds for now. */
  private boolean await(Duration most) throws IOException, InterruptedException {
    long ended;
    try {
      ended = look.get(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "the savepoint would go to %s, and its file system has not answered for %s s: check that it is there; still waiting for the look of %s"
              .formatted(
                  uri, (System.nanoTime() - begunNanos) / 1_000_000_000, CLOCK.format(begun)),
          e);
    } catch (ExecutionException e) {
      UNDER_WAY.remove(uri, this);
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalArgumentException(e.getCause());
    }
    UNDER_WAY.remove(uri, this);
    return System.nanoTime() - ended < FRESH.toNanos();
  }
}

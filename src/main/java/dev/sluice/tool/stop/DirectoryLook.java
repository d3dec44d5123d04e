package dev.sluice.tool.stop;

import dev.sluice.tool.savepoint.SavepointDirectory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether this process can read the place of a future savepoint. The client of a store that
 * hangs may wait for minutes, or for ever, and can't be made to stop, so each check has a thread of
 * its own. A guard that rehearses every few seconds waits for the check that is under way. One
 * request may hang while the store answers all others, so another look begins after a while. The
 * first that is good counts, whoever began it; a refusal counts only from the youngest, for what
 * was asked long ago may be refused for that alone.
 */
final class DirectoryLook {

  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  /** How long the result holds for a later caller. */
  private static final Duration FRESH = Duration.ofMinutes(1);

  /** After how long a rehearsal begins another look of a place. */
  private static final Duration NEXT_REHEARSED = Duration.ofMinutes(1);

  /** How many rehearsals begin as fast as that. */
  private static final int MOST = 4;

  /** How many a stop begins as fast as it waits for one; then it begins one a minute. */
  private static final int MOST_OF_A_STOP = 20;

  /** After how long another is begun all the same, and the oldest is waited for no more. */
  private static final Duration GIVEN_UP = Duration.ofMinutes(10);

  /** By place; each list, and what its looks have seen, is guarded by the list's monitor. */
  private static final Map<String, List<DirectoryLook>> UNDER_WAY = new ConcurrentHashMap<>();

  private final Instant begun = Instant.now();
  private final long begunNanos;
  private final boolean rehearses;
  private boolean ended;
  private long endedNanos;
  private @Nullable Throwable failure;

  private DirectoryLook(boolean rehearses, long begunNanos) {
    this.rehearses = rehearses;
    this.begunNanos = begunNanos;
  }

  private static DirectoryLook begin(
      String uri, boolean rehearses, List<DirectoryLook> looks, LongSupplier nanos) {
    DirectoryLook look = new DirectoryLook(rehearses, nanos.getAsLong());
    Thread thread = new Thread(() -> look.look(uri, looks, nanos), "savepoint-directory");
    thread.setDaemon(true);
    thread.start();
    return look;
  }

  private void look(String uri, List<DirectoryLook> looks, LongSupplier nanos) {
    Throwable thrown = null;
    try {
      SavepointDirectory.requireReadable(uri);
    } catch (Throwable e) { // An Error, too, is what somebody waits for: a plugin may lack a class.
      thrown = e;
    }
    synchronized (looks) {
      ended = true;
      endedNanos = nanos.getAsLong();
      failure = thrown;
      looks.notifyAll();
    }
  }

  /**
   * Checks, or waits for a check that is under way.
   *
   * @param most how long to wait; a stop begins a look of its own where its last is older
   * @param rehearses whether nothing is stopped: then a check is waited for longer before another
   *     begins, because rehearsals may continue for days
   * @throws dev.sluice.tool.savepoint.BadSnapshotException if it can't be read, and nothing changes
   *     by waiting
   * @throws IOException if its file system does not answer, or refuses
   */
  static void at(String uri, Duration most, boolean rehearses)
      throws IOException, InterruptedException {
    at(uri, most, rehearses, System::nanoTime);
  }

  /**
   * As {@link #at(String, Duration, boolean)}.
   *
   * @param nanos tells how old a look is
   */
  static void at(String uri, Duration most, boolean rehearses, LongSupplier nanos)
      throws IOException, InterruptedException {
    DirectoryLook first;
    boolean answered;
    @Nullable Throwable thrown;
    List<DirectoryLook> looks = UNDER_WAY.computeIfAbsent(uri, place -> new ArrayList<>());
    synchronized (looks) {
      first = await(underWay(uri, looks, most, rehearses, nanos), looks, most);
      answered = first.ended;
      thrown = first.failure;
      looks.removeIf(look -> look.ended); // A check that has ended is not used again.
    }
    if (!answered) {
      throw new IOException(
          "the savepoint would go to %s, and its file system has not answered for %s s: %s; still waiting for the check that began at %s"
              .formatted(
                  uri,
                  first.age(nanos).toSeconds(),
                  SavepointDirectory.whereSilent(uri),
                  CLOCK.format(first.begun)));
    } else if (thrown instanceof IOException answer) {
      throw answer;
    } else if (thrown != null) {
      throw new IllegalArgumentException(thrown);
    }
  }

  /**
   * The look whose answer counts, or the oldest if none has come. The list's monitor is held.
   *
   * @param waited the oldest first
   */
  private static DirectoryLook await(
      List<DirectoryLook> waited, List<DirectoryLook> looks, Duration most)
      throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    DirectoryLook youngest = waited.get(waited.size() - 1);
    while (true) {
      for (DirectoryLook look : waited) {
        if (look.isGood()) {
          return look;
        }
      }
      long left = deadline - System.nanoTime();
      if (youngest.ended) {
        return youngest;
      } else if (left <= 0) {
        return waited.stream().filter(look -> !look.ended).findFirst().orElse(youngest);
      }
      TimeUnit.NANOSECONDS.timedWait(looks, left);
    }
  }

  /** What is under way or was just seen, the oldest first, never empty. */
  private static List<DirectoryLook> underWay(
      String uri, List<DirectoryLook> looks, Duration most, boolean rehearses, LongSupplier nanos) {
    looks.removeIf(look -> look.isOver(nanos) || (!rehearses && look.failure != null));
    // A stop waits for none of a rehearsal alone, nor is it kept by those from its own.
    List<DirectoryLook> own = looks.stream().filter(look -> look.rehearses == rehearses).toList();
    List<DirectoryLook> last = rehearses ? looks : own;
    boolean seen = looks.stream().anyMatch(DirectoryLook::isGood);
    int limit = rehearses ? MOST : MOST_OF_A_STOP;
    Duration first = rehearses ? NEXT_REHEARSED : most;
    Duration next = rehearses ? GIVEN_UP : NEXT_REHEARSED;
    if (!seen && isNext(last, own.size() < limit ? first : next, nanos)) {
      if (own.size() >= limit) {
        looks.remove(own.get(0));
      }
      looks.add(begin(uri, rehearses, looks, nanos));
    }
    return List.copyOf(looks);
  }

  private static boolean isNext(List<DirectoryLook> last, Duration next, LongSupplier nanos) {
    return last.isEmpty() || last.get(last.size() - 1).age(nanos).compareTo(next) > 0;
  }

  private boolean isGood() {
    return ended && failure == null;
  }

  /** Whether its answer is out of date. */
  private boolean isOver(LongSupplier nanos) {
    return ended && nanos.getAsLong() - endedNanos > FRESH.toNanos();
  }

  private Duration age(LongSupplier nanos) {
    return Duration.ofNanos(nanos.getAsLong() - begunNanos);
  }
}

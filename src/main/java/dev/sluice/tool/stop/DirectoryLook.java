package dev.sluice.tool.stop;

import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether this process can read the place of a future savepoint. The client of a store that
 * hangs may wait for minutes, or for ever, and can't be made to stop, so each check has a thread of
 * its own. A guard that rehearses every few seconds waits for the check that is under way. One
 * request may hang while the store answers all others, so another look begins after a while. The
 * first that is good counts, whoever began it. A refusal counts at once only from the youngest, for
 * what was asked long ago may be refused for that alone; an older look's refusal counts once a
 * whole wait has brought no other answer, if it came within {@link #ASKED_LATELY}.
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

  /** A store that takes this long to refuse may refuse for the time alone, as of a signature. */
  private static final Duration ASKED_LATELY = Duration.ofMinutes(1);

  /** By place; each list, and what its looks have seen, is guarded by the list's monitor. */
  private static final Map<String, List<DirectoryLook>> UNDER_WAY = new ConcurrentHashMap<>();

  private final Instant begun;
  private final long begunNanos;
  private final boolean rehearses;
  private boolean ended;
  private long endedNanos;
  private @Nullable Throwable failure;

  private DirectoryLook(boolean rehearses, Time time) {
    this.rehearses = rehearses;
    this.begun = time.now();
    this.begunNanos = time.nanos();
  }

  private static DirectoryLook begin(
      String uri, boolean rehearses, List<DirectoryLook> looks, Time time) {
    DirectoryLook look = new DirectoryLook(rehearses, time);
    Thread thread = new Thread(() -> look.look(uri, looks, time), "savepoint-directory");
    thread.setDaemon(true);
    thread.start();
    return look;
  }

  private void look(String uri, List<DirectoryLook> looks, Time time) {
    Throwable thrown = null;
    try {
      SavepointDirectory.requireReadable(uri);
    } catch (Throwable e) { // An Error, too, is what somebody waits for: a plugin may lack a class.
      thrown = e;
    }
    synchronized (looks) {
      ended = true;
      endedNanos = time.nanos();
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
   * @param time by which a look gets old
   * @throws dev.sluice.tool.savepoint.BadSnapshotException if it can't be read, and nothing changes
   *     by waiting
   * @throws IOException if its file system does not answer, or refuses
   */
  static void at(String uri, Duration most, boolean rehearses, Time time)
      throws IOException, InterruptedException {
    DirectoryLook first;
    boolean answered;
    @Nullable Throwable thrown;
    List<DirectoryLook> looks = UNDER_WAY.computeIfAbsent(uri, place -> new ArrayList<>());
    synchronized (looks) {
      looks.removeIf(look -> look.isOver(time));
      List<DirectoryLook> before = List.copyOf(looks);
      List<DirectoryLook> waited = underWay(uri, looks, most, rehearses, time);
      first = await(waited, before, rehearses, looks, most);
      answered = first.ended;
      thrown = first.failure;
      looks.removeIf(look -> look.ended); // A check that has ended is not used again.
    }
    if (!answered) {
      throw new IOException(
          ("the savepoint would go to %s, and its file system has not answered for %s s: %s; still waiting for the "
                  + "check that began at %s")
              .formatted(
                  uri,
                  first.age(time).toSeconds(),
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
   * <p>A store answers in the system's time, so it is waited for in that.
   *
   * @param waited the oldest first
   * @param before those whose refusal may have come before the wait
   * @param rehearses if not, no refusal counts that a rehearsal's look got: the operator may have
   *     given the store what it lacked since
   */
  private static DirectoryLook await(
      List<DirectoryLook> waited,
      List<DirectoryLook> before,
      boolean rehearses,
      List<DirectoryLook> looks,
      Duration most)
      throws InterruptedException {
    Deadline deadline = Time.system().after(most);
    DirectoryLook youngest = waited.get(waited.size() - 1);
    while (true) {
      for (DirectoryLook look : waited) {
        if (look.isGood()) {
          return look;
        }
      }
      if (youngest.ended) {
        return youngest;
      } else if (deadline.isOver()) {
        return Stream.concat(
                Stream.concat(before.stream(), waited.stream())
                    .filter(look -> look.isRefusedLately() && (rehearses || !look.rehearses)),
                waited.stream().filter(look -> !look.ended))
            .findFirst()
            .orElse(youngest);
      }
      TimeUnit.NANOSECONDS.timedWait(looks, deadline.remaining().toNanos());
    }
  }

  /** What is under way or was just seen, the oldest first, never empty. */
  private static List<DirectoryLook> underWay(
      String uri, List<DirectoryLook> looks, Duration most, boolean rehearses, Time time) {
    looks.removeIf(look -> !rehearses && look.failure != null);
    // A stop waits for none of a rehearsal alone, nor is it kept by those from its own.
    List<DirectoryLook> own = looks.stream().filter(look -> look.rehearses == rehearses).toList();
    List<DirectoryLook> last = rehearses ? looks : own;
    boolean seen = looks.stream().anyMatch(DirectoryLook::isGood);
    int limit = rehearses ? MOST : MOST_OF_A_STOP;
    Duration first = rehearses ? NEXT_REHEARSED : most;
    Duration next = rehearses ? GIVEN_UP : NEXT_REHEARSED;
    if (!seen && isNext(last, own.size() < limit ? first : next, time)) {
      if (own.size() >= limit) {
        looks.remove(own.get(0));
      }
      looks.add(begin(uri, rehearses, looks, time));
    }
    return List.copyOf(looks);
  }

  private static boolean isNext(List<DirectoryLook> last, Duration next, Time time) {
    return last.isEmpty() || last.get(last.size() - 1).age(time).compareTo(next) > 0;
  }

  private boolean isGood() {
    return ended && failure == null;
  }

  private boolean isRefusedLately() {
    return ended
        && failure != null
        && Duration.ofNanos(endedNanos - begunNanos).compareTo(ASKED_LATELY) <= 0;
  }

  /** Whether its answer is out of date. */
  private boolean isOver(Time time) {
    return ended && time.since(endedNanos).compareTo(FRESH) > 0;
  }

  private Duration age(Time time) {
    return time.since(begunNanos);
  }
}

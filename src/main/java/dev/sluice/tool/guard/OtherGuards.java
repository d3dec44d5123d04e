package dev.sluice.tool.guard;

import dev.sluice.tool.guard.GuardRegister.Line;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The other guards of the same job with the same journal, and who of them guards it in whose place.
 *
 * <p>A process can't see from SIGTERM whether it is replaced or its machine goes down. So a guard
 * that was signalled asks the others, and leaves without a stop only when one of them has answered,
 * after the question, that it could stop that very run of the job now. Safety: question, answer and
 * leaving are changes of {@link GuardRegister} under its lock, one after the other. A signalled
 * guard is marked as leaving before it asks, and answers no one from then on; it takes an answer
 * and takes itself out in one change. So of guards that are signalled together at most one leaves
 * for each that stays, and the last one stops the job. A guard that was killed or hangs does not
 * answer, whatever the file says: it costs the question's patience, and the job is stopped. No
 * clock of another machine is believed.
 *
 * <p>{@code this} guards the fields; one thread beats.
 */
final class OtherGuards implements AutoCloseable {

  /** Each guard answers once in this time. */
  static final Duration BEAT = Duration.ofSeconds(2);

  /** The others have two occasions to answer. */
  static final Duration PATIENCE = Duration.ofSeconds(6);

  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final Duration LOCK = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(200);

  /**
   * A line that has not changed for so many of this guard's beats is of a guard that was killed.
   */
  private static final int SILENT_BEATS = 30;

  private final GuardRegister register;
  private final String job;
  private final Duration patience;
  private final ToolServices services;
  private final GuardLog log;

  /** Another one for each question after a promise that was not taken, which it would match. */
  private volatile String id;

  private final String where;
  private final Map<String, Silence> silences = new HashMap<>();
  private long beat;
  private boolean leaving;
  private boolean left;
  private boolean closed;
  private ObservedJob.@Nullable Run asks;
  private Set<String> guardsFor = Set.of();
  private String problem = "";

  /**
   * @param patience how long to wait for an answer
   */
  OtherGuards(Path journal, String job, Duration patience, ToolServices services, GuardLog log) {
    this.services = services;
    this.id = services.ids().get();
    this.register = new GuardRegister(journal, LOCK, services.time());
    this.job = job;
    this.patience = patience;
    this.log = log;
    this.where = "process %s on %s".formatted(ProcessHandle.current().pid(), machine());
  }

  /** How long a line of the file has stayed as it is. */
  private record Silence(long beat, int beats) {}

  /** Not by a look-up of names, which may hang just when the guard should be there. */
  private static String machine() {
    try {
      return Files.readString(HOST_NAME).strip();
    } catch (IOException e) {
      return "a machine whose name is not known";
    }
  }

  /**
   * Names this guard to the others, answers requests, and forgets dead guards.
   *
   * @param stoppable the run of the job that this guard could stop now, or stops; null if there is
   *     none
   */
  void beat(ObservedJob.@Nullable Run stoppable) throws InterruptedException {
    String found = "";
    try {
      register.update(lines -> answered(lines, stoppable));
    } catch (IOException | RuntimeException e) {
      found =
          "other guards can't be seen, so a signal will stop the job whoever else guards it: "
              + e.getMessage();
    }
    if (!found.isEmpty() && !found.equals(problem)) {
      log.say(found);
    }
    problem = found;
  }

  /**
   * A signal or a request ends this guard: from now on it answers no one, and its next change of
   * the file takes back what it has promised to those who have not taken it yet.
   */
  synchronized void guardEnds() {
    leaving = true;
  }

  private synchronized List<Line> answered(List<Line> lines, ObservedJob.@Nullable Run ready) {
    List<Line> others = others(lines);
    Set<String> answers = new HashSet<>();
    for (Line other : others) {
      if (!leaving && other.job().equals(job) && isGuardedFor(other, ready)) {
        answers.add(other.id());
        if (!guardsFor.contains(other.id())) {
          log.say(
              "another guard (%s) was signalled: this one guards %s".formatted(other.where(), job));
        }
      }
    }
    guardsFor = answers;
    return with(living(others));
  }

  /** Whether it asks, and is promised, now or since an earlier beat, what it asks for. */
  private synchronized boolean isGuardedFor(Line other, ObservedJob.@Nullable Run ready) {
    return other.asks() != null && (other.asksFor(ready) || guardsFor.contains(other.id()));
  }

  private List<Line> living(List<Line> others) {
    Map<String, Silence> before = Map.copyOf(silences);
    List<Line> living = new ArrayList<>();
    silences.clear();
    for (Line other : others) {
      Silence known = before.get(other.id());
      int beats = known != null && known.beat() == other.beat() ? known.beats() + 1 : 0;
      silences.put(other.id(), new Silence(other.beat(), beats));
      if (beats < SILENT_BEATS) {
        living.add(other);
      }
    }
    return living;
  }

  private List<Line> others(List<Line> lines) {
    return new ArrayList<>(lines.stream().filter(line -> !line.id().equals(id)).toList());
  }

  private synchronized List<Line> with(List<Line> others) {
    if (!left) {
      beat++;
      Instant startedAt = asks == null ? null : asks.startedAt();
      others.add(
          new Line(
              id,
              job,
              where,
              beat,
              leaving,
              asks == null ? null : asks.id(),
              startedAt == null ? null : startedAt.toEpochMilli(),
              List.copyOf(guardsFor)));
    }
    return others;
  }

  /**
   * Asks the others to guard the job in this one's place. A guard that has asked answers no one any
   * more. It may ask again, if it did not leave after the first answer: an old promise counts no
   * more, because its guard may be gone.
   *
   * @param run of the job that they must see
   * @return who guards it now; empty if no guard has said so in time: then this guard must stop the
   *     job
   */
  Optional<String> guardInPlace(ObservedJob.Run run) throws InterruptedException {
    synchronized (this) {
      leaving = true;
      if (left && !closed) {
        id = services.ids().get(); // The line under the old one has been removed.
      }
      left = closed;
      asks = run;
      guardsFor = Set.of();
    }
    FutureTask<Optional<String>> answer = inBackground("asks-other-guards", this::answer);
    try {
      return answer.get(patience.plus(LOCK).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      log.say("other guards can't be asked: " + reason(e));
    } catch (TimeoutException e) {
      log.say("other guards can't be asked: " + e);
    } finally {
      answer.cancel(true);
      synchronized (this) {
        asks = null;
      }
    }
    return Optional.empty();
  }

  /** On a thread of its own, because an unavailable file system may block it for ever. */
  private static <T> FutureTask<T> inBackground(String name, Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private static String reason(ExecutionException thrown) {
    Throwable cause = thrown.getCause();
    return cause instanceof IOException ? "" + cause.getMessage() : "" + cause;
  }

  private Optional<String> answer() throws IOException, InterruptedException {
    Deadline deadline = services.time().after(patience);
    do {
      List<Line> staying = staying(register.update(this::asked));
      Optional<String> guard = promise(staying).map(Line::where);
      if (guard.isPresent() || staying.isEmpty()) {
        return guard;
      }
      services.time().sleep(LOOK);
    } while (!deadline.isOver());
    log.say("no other guard has answered within %s s".formatted(patience.toSeconds()));
    return Optional.empty();
  }

  /** Takes a promise, and with it this guard out of the file, in one change. */
  private synchronized List<Line> asked(List<Line> lines) {
    List<Line> others = others(lines);
    left = left || promise(staying(others)).isPresent();
    return with(others);
  }

  private List<Line> staying(List<Line> lines) {
    return others(lines).stream()
        .filter(line -> line.job().equals(job) && !line.leaving())
        .toList();
  }

  private Optional<Line> promise(List<Line> staying) {
    return staying.stream().filter(line -> line.guardsFor().contains(id)).findFirst();
  }

  /**
   * Takes this guard out of the file: a promise that was not taken by then can't be taken any more.
   */
  void leaves() {
    synchronized (this) {
      leaving = true;
      left = true;
      guardsFor = Set.of();
    }
    FutureTask<?> out = inBackground("leaves-other-guards", () -> register.update(this::others));
    try {
      out.get(LOCK.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      log.say("this guard stays named among the others for a minute: " + reason(e));
    } catch (TimeoutException e) {
      log.say("this guard stays named among the others for a minute: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    leaves();
  }
}

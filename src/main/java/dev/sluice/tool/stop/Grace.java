package dev.sluice.tool.stop;

import dev.sluice.tool.broker.BrokerException;
import dev.sluice.tool.flink.AccessException;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * The grace period of one stop. What may be over in a moment does not end a stop before the period
 * does: the election of a JobManager, a job that is being recovered, a broker that restarts. Used
 * by one thread.
 */
final class Grace {

  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration SHOW = Duration.ofSeconds(2);
  private static final Duration SHOW_AGAIN = Duration.ofSeconds(30);

  private final Duration length;
  private final StopLog log;
  private final Time time;
  private final long begun;
  private Deadline deadline;
  private long shown;
  private String said = "";
  private boolean waited;

  Grace(Duration length, StopLog log, Time time) {
    this.length = length;
    this.log = log;
    this.time = time;
    this.begun = time.nanos();
    this.shown = begun;
    this.deadline = time.after(length);
  }

  /** What may have to be asked again. */
  @FunctionalInterface
  interface Question<T> {
    T ask() throws IOException, InterruptedException;
  }

  /**
   * Asks until there is an answer.
   *
   * @throws IOException if the grace period is over, or asking again would not help
   */
  <T> T ask(Question<T> question) throws IOException, InterruptedException {
    return ask(question, length);
  }

  /**
   * Asks until there is an answer.
   *
   * @param silence after which a JobManager without an answer is not asked any more
   * @throws IOException if the grace period or the silence is over, or asking again would not help
   */
  <T> T ask(Question<T> question, Duration silence) throws IOException, InterruptedException {
    long heard = time.nanos();
    while (true) {
      try {
        return question.ask();
      } catch (IOException e) {
        if (!isPassing(e) || isOver()) {
          throw e;
        }
        if (!isSilence(e)) {
          heard = time.nanos();
        } else if (time.since(heard).compareTo(silence) > 0) {
          throw e;
        }
        waited = true;
        show(String.valueOf(e.getMessage()));
      }
      time.sleep(PAUSE);
    }
  }

  private void show(String why) {
    long now = time.nanos();
    Duration pause = why.equals(said) ? SHOW_AGAIN : SHOW;
    if (now - shown >= pause.toNanos()) {
      shown = now;
      said = why;
      log.progress(
          "is waiting: " + why,
          Map.of("elapsedMs", (now - begun) / 1_000_000, "graceMs", length.toMillis()));
    }
  }

  private static boolean isPassing(IOException e) {
    return e instanceof RefusedStop refused
        ? refused.isPassing()
        : isSilence(e) || e instanceof AccessException;
  }

  /** Whether it is for want of a JobManager that says anything of the job. */
  static boolean isSilence(Throwable e) {
    return e instanceof UnansweredException
        || (e instanceof FlinkException answered && answered.isPassing());
  }

  /** Whether it is for want of an answer, of a JobManager or of the brokers. */
  static boolean isUnanswered(Throwable e) {
    Throwable cause = e instanceof RefusedStop ? e.getCause() : e;
    return cause != null
        && (isSilence(cause) || (cause instanceof BrokerException failure && failure.isSilence()));
  }

  /** Time that counts for another stop. */
  void extend(Duration by) {
    deadline = deadline.plus(by);
  }

  boolean isOver() {
    return deadline.isOver();
  }

  /** When it ends. */
  Deadline deadline() {
    return deadline;
  }

  /** Whether something had to be asked again. */
  boolean hasWaited() {
    return waited;
  }
}

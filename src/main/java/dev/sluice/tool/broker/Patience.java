package dev.sluice.tool.broker;

import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;

/**
 * How long a caller keeps asking. A broker that is restarted, or a coordinator that moves, gives no
 * answer for seconds, or a wrong one; what it was asked has not changed meanwhile. Used by one
 * thread.
 */
public final class Patience {

  private static final Duration AGAIN = Duration.ofMillis(200);

  private final Deadline deadline;

  /** From now on. */
  public Patience(Time time, Duration most) {
    this.deadline = time.after(most);
  }

  /** A question to {@link Brokers}. */
  @FunctionalInterface
  public interface Asking<T> {
    /** Asks once. */
    T ask() throws IOException, InterruptedException;
  }

  /** Whether it is used up. */
  public boolean isOver() {
    return deadline.isOver();
  }

  /** Waits for a little of it. */
  public void pause() throws InterruptedException {
    deadline.time().sleep(AGAIN);
  }

  /**
   * Asks until there is an answer or the time-out expires, but at least once.
   *
   * @throws IOException the last failure; at once one that waiting does not resolve, for example of
   *     rights
   */
  public <T> T ask(Asking<T> asking) throws IOException, InterruptedException {
    while (true) {
      try {
        return asking.ask();
      } catch (BrokerException e) {
        if (e.lasts() || isOver()) {
          throw e;
        }
      }
      pause();
    }
  }
}

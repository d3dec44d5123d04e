package dev.sluice.tool.broker;

import java.io.IOException;
import java.time.Duration;

/**
 * How long a caller keeps asking. A broker that is restarted, or a coordinator that moves, gives no
 * answer for seconds, or a wrong one; what it was asked has not changed meanwhile. Used by one
 * thread.
 */
public final class Patience {

  private static final Duration AGAIN = Duration.ofMillis(200);

  private final long deadline;

  /** From now on. */
  public Patience(Duration most) {
    this.deadline = System.nanoTime() + most.toNanos();
  }

  /** A question to {@link Brokers}. */
  @FunctionalInterface
  public interface Asking<T> {
    /** Asks once. */
    T ask() throws IOException, InterruptedException;
  }

  /** Whether it is used up. */
  public boolean isOver() {
    return System.nanoTime() - deadline > 0;
  }

  /** Waits for a little of it. */
  public void pause() throws InterruptedException {
    Thread.sleep(AGAIN.toMillis());
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

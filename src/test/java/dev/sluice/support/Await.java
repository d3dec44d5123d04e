package dev.sluice.support;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for something to become true on a real cluster, and says what it was if it never does. */
public final class Await {

  private static final Duration PAUSE = Duration.ofMillis(100);

  private Await() {}

  /**
   * Polls until {@code condition} holds; an exception from it counts as "not yet".
   *
   * @throws AssertionError naming {@code what} after {@code limit}
   */
  public static void until(String what, Duration limit, Callable<Boolean> condition)
      throws InterruptedException {
    long start = System.nanoTime();
    Exception last = null;
    while (System.nanoTime() - start < limit.toNanos()) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        last = e;
      }
      Thread.sleep(PAUSE.toMillis());
    }
    throw new AssertionError("waited %s in vain for %s".formatted(limit, what), last);
  }
}

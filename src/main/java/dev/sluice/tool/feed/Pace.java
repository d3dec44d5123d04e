package dev.sluice.tool.feed;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Holds a loop to a rate. Made up at most a second after a stall; never faster than that. */
final class Pace {

  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final long stepNs;
  private long nextNs;

  /** {@code perSecond} 0 is as fast as possible. */
  Pace(int perSecond, long nowNs) {
    if (perSecond < 0) {
      throw new IllegalArgumentException("the rate must be 0 or more, but is (" + perSecond + ")");
    }
    stepNs = perSecond == 0 ? 0 : SECOND_NS / perSecond;
    nextNs = nowNs;
  }

  /** How long the next step has to wait from {@code nowNs} on, nanoseconds; counts it as done. */
  long delayNs(long nowNs) {
    nextNs = Math.max(nextNs, nowNs - SECOND_NS);
    long delay = nextNs - nowNs;
    nextNs += stepNs;
    return stepNs == 0 ? 0 : Math.max(0, delay);
  }

  /** Waits for the next step; an interrupted thread does not wait. */
  void await() {
    long delay = delayNs(System.nanoTime());
    if (delay > 0) {
      LockSupport.parkNanos(delay);
    }
  }
}

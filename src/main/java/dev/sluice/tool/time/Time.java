package dev.sluice.tool.time;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The time that an operation goes by. A test gives one that its own hand moves, so that nothing
 * waits. May be used by several threads if its parts may.
 *
 * @param clock what people and other machines call now; it may be set back
 * @param ticker nanoseconds that never go back, as {@link System#nanoTime} gives them
 * @param sleeper how to let some of it pass
 */
public record Time(Clock clock, LongSupplier ticker, Sleeper sleeper) {

  /** Lets time pass. */
  @FunctionalInterface
  public interface Sleeper {
    /** Returns after this time. */
    void sleep(Duration time) throws InterruptedException;
  }

  /** This machine's. */
  public static Time system() {
    return new Time(Clock.systemUTC(), System::nanoTime, time -> Thread.sleep(time.toMillis()));
  }

  /** By the clock. */
  public Instant now() {
    return clock.instant();
  }

  /** By the ticker. */
  public long nanos() {
    return ticker.getAsLong();
  }

  /** How long it is since the ticker was at {@code nanos}. */
  public Duration since(long nanos) {
    return Duration.ofNanos(nanos() - nanos);
  }

  /** The deadline so long from now. */
  public Deadline after(Duration most) {
    return new Deadline(this, nanos() + most.toNanos());
  }

  /** Lets this time pass. */
  public void sleep(Duration time) throws InterruptedException {
    sleeper.sleep(time);
  }
}

package dev.sluice.tool.time;

import java.time.Duration;

/**
 * Until when something may take, by elapsed time: a clock that is set moves no deadline.
 *
 * @param time by which it is over
 * @param nanos on the scale of {@link Time#nanos}
 */
public record Deadline(Time time, long nanos) {

  public boolean isOver() {
    return time.nanos() - nanos >= 0;
  }

  /** Zero once it is over. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - time.nanos()));
  }

  public Deadline plus(Duration more) {
    return new Deadline(time, nanos + more.toNanos());
  }

  /** This one, or one that leaves this time from now if that is later. */
  public Deadline leaving(Duration least) {
    return remaining().compareTo(least) < 0 ? time.after(least) : this;
  }
}

package dev.sluice.tool.guard;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/** A line with the time for each thing that happens to the guard; never a secret. */
final class GuardLog {

  private final PrintWriter err;
  private final Clock clock;

  GuardLog(PrintWriter err, Clock clock) {
    this.err = err;
    this.clock = clock;
  }

  /** Writes a line; what would break it in two, or steer a terminal, is shown as a space. */
  void say(String text) {
    String time = clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
    synchronized (err) {
      err.println(time + " guard: " + text.replaceAll("\\p{Cntrl}+", " ").strip());
      err.flush();
    }
  }
}

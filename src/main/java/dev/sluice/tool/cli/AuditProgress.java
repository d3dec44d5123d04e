package dev.sluice.tool.cli;

import dev.sluice.tool.broker.ReadingProgress;
import java.io.PrintWriter;
import java.util.Locale;

/** One line about a long reading, refreshed in place; where no terminal is, nothing or lines. */
final class AuditProgress implements ReadingProgress {

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean terminal;
  private final boolean lines;
  private final long began = System.nanoTime();

  AuditProgress(PrintWriter err, Console console) {
    this(err, Console.isTerminal() && !console.quiet, false);
  }

  /** For a read that reports its progress every few seconds, so that it can be logged. */
  static AuditProgress inLogsToo(PrintWriter err, Console console) {
    return new AuditProgress(err, Console.isTerminal() && !console.quiet, !console.quiet);
  }

  /**
   * @param terminal whether one line is refreshed in place
   * @param lines whether there is a line each time where it is not
   */
  AuditProgress(PrintWriter err, boolean terminal, boolean lines) {
    this.err = err;
    this.terminal = terminal;
    this.lines = lines;
  }

  @Override
  public void at(String phase, long done, long all) {
    if (!terminal && (!lines || done == all)) {
      return;
    }
    if (done == all) {
      err.print(CLEAR_LINE);
    } else {
      err.printf(
          Locale.ROOT,
          (terminal ? CLEAR_LINE : "") + "reading %s: %,d of %,d, %d s" + (terminal ? "" : "%n"),
          phase,
          done,
          all,
          (System.nanoTime() - began) / 1_000_000_000L);
    }
    err.flush();
  }
}

package dev.sluice.cli;

import dev.sluice.ops.audit.Audit;
import java.io.PrintWriter;
import java.util.Locale;

/** One line about a running audit, refreshed in place; nothing where no terminal is. */
final class AuditProgress implements Audit.Progress {

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean terminal;
  private final long began = System.nanoTime();

  AuditProgress(PrintWriter err) {
    this(err, isTerminal());
  }

  @SuppressWarnings("SystemConsoleNull") // From Java 22 on TERM alone tells.
  private static boolean isTerminal() {
    return System.console() != null && System.getenv("TERM") != null;
  }

  AuditProgress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  @Override
  public void at(String phase, long done, long all) {
    if (!terminal) {
      return;
    }
    if (done == all) {
      err.print(CLEAR_LINE);
    } else {
      err.printf(
          Locale.ROOT,
          CLEAR_LINE + "reading %s: %,d of %,d, %d s",
          phase,
          done,
          all,
          (System.nanoTime() - began) / 1_000_000_000L);
    }
    err.flush();
  }
}

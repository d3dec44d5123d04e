package dev.sluice.tool.cli;

import dev.sluice.tool.events.BadRow;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Reports the first bad rows of a file and counts the rest. May be used by several threads. */
final class BadRows implements Consumer<BadRow> {

  private static final int SHOWN = 10;

  private final Path file;
  private final PrintWriter err;
  private final AtomicLong count = new AtomicLong();

  BadRows(Path file, PrintWriter err) {
    this.file = file;
    this.err = err;
  }

  @Override
  public void accept(BadRow row) {
    if (count.incrementAndGet() <= SHOWN || row.kind() == BadRow.Kind.HELD_BACK) {
      err.println("%s, %s".formatted(file, row));
      err.flush();
    }
  }

  long count() {
    return count.get();
  }

  /** Says how many there were, if any. */
  void sum() {
    if (count.get() > 0) {
      err.printf(
          Locale.ROOT,
          "%,d rows of %s could not be used and were left out%s%n",
          count.get(),
          file,
          count.get() > SHOWN ? "; the first %s are named above".formatted(SHOWN) : "");
      err.flush();
    }
  }
}

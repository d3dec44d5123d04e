package dev.sluice.tool.cli;

import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import dev.sluice.tool.stop.StopEvent;
import dev.sluice.tool.stop.StopListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows a stop's steps: a line each, and on a terminal a bar while the savepoint is written. Why
 * the preflight failed is what the outcome says, too, and is shown once.
 */
final class StopPrinter implements StopListener, AutoCloseable {

  private static final int WIDTH = 24;
  private static final String CLEAR_REST_OF_LINE = "\u001b[K";

  private final PrintWriter err;
  private final Console console;
  private final boolean terminal = Console.isTerminal();

  /** The end of a preflight that failed, until it is known whether the outcome says why. */
  private StopEvent.@Nullable Ended held;

  StopPrinter(PrintWriter err, Console console) {
    this.err = err;
    this.console = console;
  }

  @Override
  public synchronized void on(StopEvent event) {
    over("");
    if (event instanceof StopEvent.Ended ended
        && ended.result() == StepResult.FAILED
        && ended.step() == Step.PREFLIGHT) {
      held = ended;
      return;
    }
    boolean failed = event instanceof StopEvent.Ended over && over.result() == StepResult.FAILED;
    if (console.quiet && !failed) {
      return;
    }
    if (event instanceof StopEvent.Ended ended) {
      print(ended, ended.text());
    } else if (event instanceof StopEvent.Progress progress) {
      if (terminal) {
        err.print("\r" + bar(progress.figures()) + " " + progress.text() + CLEAR_REST_OF_LINE);
      } else {
        err.println("  " + progress.step().code() + ": " + progress.text());
      }
    }
    err.flush();
  }

  /**
   * No more follows.
   *
   * @param outcome the report on the stop; empty if nothing is
   */
  synchronized void over(String outcome) {
    StopEvent.Ended last = held;
    if (last != null) {
      held = null;
      print(last, outcome.contains(last.text()) ? "" : last.text());
      err.flush();
    }
  }

  /** Shows what is held back of a stop whose outcome was not seen. */
  @Override
  public void close() {
    over("");
  }

  private void print(StopEvent.Ended ended, String text) {
    String line =
        String.format(
            Locale.ROOT,
            "%s%s %-9s %6.1f s  %s",
            terminal ? "\r" + CLEAR_REST_OF_LINE : "",
            mark(ended.result()),
            ended.step().code(),
            ended.took().toMillis() / 1e3,
            text);
    err.println(line.stripTrailing());
  }

  private String mark(StepResult result) {
    return switch (result) {
      case OK -> console.in(Console.Mark.GOOD, "ok     ");
      case FAILED -> console.in(Console.Mark.BAD, "FAILED ");
      case SKIPPED -> console.in(Console.Mark.PASSED_OVER, "skipped");
    };
  }

  /**
   * How much of the savepoint is read; before that, the share of the subtasks that is complete, or
   * of the grace period that has passed.
   */
  private static String bar(Map<String, Long> figures) {
    long all = figures.getOrDefault("subtasks", figures.getOrDefault("graceMs", 0L));
    long done = figures.getOrDefault("subtasksAcknowledged", figures.getOrDefault("elapsedMs", 0L));
    all = figures.getOrDefault("bytesToRead", all);
    done = figures.getOrDefault("bytesRead", done);
    int filled = all <= 0 ? 0 : (int) Math.min(WIDTH, WIDTH * done / all);
    return "[" + "#".repeat(filled) + "-".repeat(WIDTH - filled) + "]";
  }
}

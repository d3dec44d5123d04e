package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stop's steps as they happen: passed to the listener, kept for the receipt. Used by one thread.
 */
final class StopLog {

  private static final Logger LOG = System.getLogger(StopLog.class.getName());

  private final StopListener listener;
  private final Clock clock;
  private final List<Receipt.StepLine> lines = new ArrayList<>();
  private final Instant startedAt;
  private @Nullable Step current;
  private Instant stepStartedAt;

  StopLog(StopListener listener, Clock clock) {
    this.listener = listener;
    this.clock = clock;
    this.startedAt = clock.instant();
    this.stepStartedAt = startedAt;
  }

  /** A step begins; the previous one has ended. */
  void begin(Step step, String text) {
    current = step;
    stepStartedAt = clock.instant();
    tell(new StopEvent.Started(stepStartedAt, step, text));
  }

  /** The current step is in progress. */
  void progress(String text, Map<String, Long> figures) {
    if (current != null) {
      tell(new StopEvent.Progress(clock.instant(), current, text, figures));
    }
  }

  /** The current step has done what it is there for. */
  void ok(String text) {
    end(StepResult.OK, text);
  }

  /** The current step has failed. */
  void failed(String text) {
    end(StepResult.FAILED, text);
  }

  /** A step is not run. */
  void skipped(Step step, String why) {
    current = step;
    stepStartedAt = clock.instant();
    end(StepResult.SKIPPED, why);
  }

  private void end(StepResult result, String text) {
    Step step = current;
    if (step == null) {
      return; // It has ended, and the stop fails on its way to the next.
    }
    Instant now = clock.instant();
    Duration took = Duration.between(stepStartedAt, now);
    lines.add(
        new Receipt.StepLine(step.code(), stepStartedAt, took.toMillis(), result.code(), text));
    current = null;
    tell(new StopEvent.Ended(now, step, result, took, text));
  }

  private void tell(StopEvent event) {
    try {
      listener.on(event);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a listener failed at step {0}: {1}", event.step().code(), e);
    }
  }

  /** When the stop began. */
  Instant startedAt() {
    return startedAt;
  }

  Instant now() {
    return clock.instant();
  }

  /** Every step that has ended. */
  List<Receipt.StepLine> lines() {
    return List.copyOf(lines);
  }
}

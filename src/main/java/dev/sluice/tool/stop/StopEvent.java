package dev.sluice.tool.stop;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** What a stop reports while it runs. */
public sealed interface StopEvent {

  /** When it happened, by the tool's clock. */
  Instant at();

  /** Where the stop is. */
  Step step();

  /** A sentence for people. */
  String text();

  /**
   * A step begins.
   *
   * @param text what it does
   */
  record Started(Instant at, Step step, String text) implements StopEvent {}

  /**
   * A step is in progress.
   *
   * @param text how far it is
   * @param figures the same for programs: {@code subtasksAcknowledged}, {@code subtasks}, {@code
   *     bytes}, {@code elapsedMs}, {@code graceMs}, and of the proof {@code bytesRead}, {@code
   *     bytesToRead}; those that are known
   */
  record Progress(Instant at, Step step, String text, Map<String, Long> figures)
      implements StopEvent {
    public Progress {
      figures = Map.copyOf(figures);
    }
  }

  /**
   * A step is over.
   *
   * @param result how it ended
   * @param took how long it took
   * @param text what was found, or why it failed
   */
  record Ended(Instant at, Step step, StepResult result, Duration took, String text)
      implements StopEvent {}
}

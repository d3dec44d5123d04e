package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StopEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One stop, as far as it has come. Any thread may ask. */
final class StopProgress {

  private final String cause;
  private final boolean left;
  private final Instant startedAt;
  private final Map<Step, Line> lines = new EnumMap<>(Step.class);
  private Map<String, Long> figures = Map.of();
  private double savepointBytes = Double.NaN;
  private @Nullable StopEnd end;

  /**
   * @param cause what began it: a signal, a request or an earlier guard
   * @param left whether it was begun before this guard, and not requested from it
   */
  StopProgress(String cause, boolean left, Instant startedAt) {
    this.cause = cause;
    this.left = left;
    this.startedAt = startedAt;
  }

  /** Whether it was begun before this guard. */
  boolean isLeft() {
    return left;
  }

  /**
   * A step.
   *
   * @param state {@code running}, {@code ok}, {@code failed} or {@code skipped}
   * @param startedAt when it began; null if it never did
   * @param took null while it runs
   */
  private record Line(
      String state, @Nullable Instant startedAt, @Nullable Duration took, String text) {}

  Instant startedAt() {
    return startedAt;
  }

  synchronized void on(StopEvent event) {
    Line before = lines.get(event.step());
    Instant began = before == null ? null : before.startedAt();
    if (event instanceof StopEvent.Ended ended) {
      lines.put(event.step(), new Line(ended.result().code(), began, ended.took(), ended.text()));
      return;
    }
    lines.put(
        event.step(), new Line("running", began == null ? event.at() : began, null, event.text()));
    if (event instanceof StopEvent.Progress progress && event.step() == Step.SAVEPOINT) {
      figures = progress.figures();
      Long bytes = figures.get("bytes");
      savepointBytes = bytes == null ? savepointBytes : bytes;
    }
  }

  synchronized void ended(StopEnd how) {
    end = how;
    Receipt receipt = how.result().receipt();
    if (receipt != null && receipt.snapshot() != null) {
      savepointBytes = receipt.snapshot().bytes();
    }
  }

  synchronized @Nullable StopEnd end() {
    return end;
  }

  synchronized boolean isOver() {
    return end != null;
  }

  /** How long a step took, in seconds; NaN before its end. */
  synchronized double seconds(Step step) {
    Line line = lines.get(step);
    return line == null || line.took() == null ? Double.NaN : line.took().toMillis() / 1e3;
  }

  /** Size of the savepoint, as far as it is known; NaN if it is not. */
  synchronized double savepointBytes() {
    return savepointBytes;
  }

  /** Where it is, for a line of the log. */
  synchronized String where(Instant now) {
    String step = "about to begin";
    for (Map.Entry<Step, Line> line : lines.entrySet()) {
      if (line.getValue().state().equals("running")) {
        step = "at " + line.getKey().code();
      }
    }
    return "%s, %s s since %s".formatted(step, Duration.between(startedAt, now).toSeconds(), cause);
  }

  /** For the status page; times in milliseconds. */
  synchronized Map<String, Object> json(Instant now) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("running", end == null);
    json.put("cause", cause);
    json.put("startedAt", startedAt.toString());
    json.put("elapsedMs", Duration.between(startedAt, end == null ? now : end.at()).toMillis());
    List<Object> steps = new ArrayList<>();
    for (Step step : Step.values()) {
      steps.add(json(step, lines.get(step), now));
    }
    json.put("steps", steps);
    json.put("savepoint", figures);
    json.put("outcome", end == null ? null : end.fields());
    return json;
  }

  private static Map<String, Object> json(Step step, @Nullable Line line, Instant now) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", step.code());
    json.put("state", line == null ? "waiting" : line.state());
    if (line != null) {
      Duration took = line.took();
      if (took == null && line.startedAt() != null) {
        took = Duration.between(line.startedAt(), now);
      }
      json.put("durationMs", took == null ? null : took.toMillis());
      json.put("text", line.text());
    }
    return json;
  }
}

package dev.sluice.tool.report;

import dev.sluice.tool.receipt.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The steps of a stop, each with a bar on one scale of time. */
final class Timeline {

  private static final Map<String, String> NAMES =
      Map.of(
          "preflight", "Check whether everything is there",
          "request", "Ask Flink to stop the job",
          "savepoint", "Save the whole state",
          "finished", "Wait for the job's end",
          "committed", "Ask Kafka whether every answer is committed",
          "sane", "Read the savepoint back",
          "receipt", "Write the receipt");
  private static final int MOST_TICKS = 5;

  /** So much of the width, in percent, that a step of no time can still be seen. */
  private static final double NARROWEST = 0.4;

  private static final double LONGER_THAN_A_PAUSE_MS = 1_000;

  private final Receipt receipt;
  private final Instant start;
  private final double lengthMs;

  private Timeline(Receipt receipt) {
    this.receipt = receipt;
    this.start =
        receipt.steps().stream()
            .map(Receipt.StepLine::startedAt)
            .min(Instant::compareTo)
            .orElse(receipt.startedAt());
    this.lengthMs = Math.max(1, receipt.steps().stream().mapToDouble(this::endMs).max().orElse(1));
  }

  static Html of(Receipt receipt) {
    return new Timeline(receipt).html();
  }

  private Html html() {
    List<Html> parts = new ArrayList<>();
    parts.add(Html.tag("p class=\"meta\"", about()));
    parts.add(
        Html.tag(
            "ol class=\"steps\"", Html.all(receipt.steps().stream().map(this::step).toList())));
    parts.add(axis());
    return receipt.steps().isEmpty() ? parts.get(0) : Html.all(parts);
  }

  private String about() {
    if (receipt.steps().isEmpty()) {
      return "The receipt lists no steps.";
    }
    String from = "From %s, %s.".formatted(Words.time(start), Words.duration(lengthMs));
    return ms(receipt.startedAt(), start) > LONGER_THAN_A_PAUSE_MS
        ? "%s The stop was begun at %s; these are the steps of the run of the tool that ended it."
            .formatted(from, Words.time(receipt.startedAt()))
        : from;
  }

  private Html step(Receipt.StepLine step) {
    String state = state(step);
    boolean run = !state.equals("skipped");
    return Html.tag(
        "li data-state=\"%s\"".formatted(state),
        Html.tag(
            "span class=\"sign\" role=\"img\" aria-label=\"%s\"".formatted(said(state)),
            sign(state)),
        Html.tag("span class=\"name\"", NAMES.getOrDefault(step.step(), step.step())),
        Html.tag("span class=\"took\"", run ? Words.duration(tookMs(step)) : ""),
        run ? bar(step) : Html.NOTHING,
        Html.tag("span class=\"text\"", step.text()));
  }

  private Html bar(Receipt.StepLine step) {
    double from = percent(ms(start, step.startedAt()));
    double to = percent(endMs(step));
    double width = Math.max(NARROWEST, to - from);
    return Html.tag(
        "svg class=\"bar\" aria-hidden=\"true\"",
        rect("track", 0, 100),
        rect("time", Math.min(from, 100 - width), width));
  }

  private static Html rect(String kind, double x, double width) {
    return Html.tag(
        String.format(
            Locale.ROOT,
            "rect class=\"%s\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"100%%\" rx=\"3\"",
            kind,
            x,
            width));
  }

  /** Round times, few enough that their labels don't meet. */
  private Html axis() {
    double step = tick(lengthMs);
    List<Html> labels = new ArrayList<>();
    for (int i = 0; i * step <= lengthMs; i++) {
      double x = percent(i * step);
      String anchor = i == 0 ? "start" : x > 90 ? "end" : "middle";
      labels.add(
          Html.tag(
              String.format(
                  Locale.ROOT, "text x=\"%.2f%%\" y=\"80%%\" text-anchor=\"%s\"", x, anchor),
              i == 0 ? "0" : Words.duration(i * step)));
    }
    return Html.tag("svg class=\"axis\" aria-hidden=\"true\"", Html.all(labels));
  }

  /** The smallest of 1, 2, 5, 10, 20, … milliseconds that divides a length into few parts. */
  static double tick(double length) {
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(1, length / MOST_TICKS))));
    for (int factor : new int[] {1, 2, 5}) {
      if (length / (factor * power) <= MOST_TICKS) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private double percent(double ms) {
    return Math.min(100, Math.max(0, 100 * ms / lengthMs));
  }

  private double endMs(Receipt.StepLine step) {
    return ms(start, step.startedAt()) + tookMs(step);
  }

  private static double tookMs(Receipt.StepLine step) {
    return (double) Math.max(0, step.durationMs());
  }

  /** In floating point: whatever times a file names, their distance does not overflow. */
  private static double ms(Instant from, Instant to) {
    return 1e3 * (double) (to.getEpochSecond() - from.getEpochSecond())
        + (to.getNano() - from.getNano()) / 1e6;
  }

  private static String state(Receipt.StepLine step) {
    return switch (step.result()) {
      case "ok" -> "ok";
      case "skipped" -> "skipped";
      default -> "failed";
    };
  }

  private static String sign(String state) {
    return switch (state) {
      case "ok" -> "✓";
      case "skipped" -> "–";
      default -> "!";
    };
  }

  private static String said(String state) {
    return switch (state) {
      case "ok" -> "done";
      case "skipped" -> "left out";
      default -> "failed";
    };
  }
}

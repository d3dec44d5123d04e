package dev.sluice.tool.cli;

import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.tool.evaluation.EvaluationBoard;
import dev.sluice.tool.evaluation.EvaluationBoard.OfKey;
import dev.sluice.tool.evaluation.EvaluationBoard.OfModel;
import dev.sluice.tool.evaluation.EvaluationBoard.OfSpan;
import dev.sluice.tool.evaluation.OfflineRun;
import dev.sluice.tool.scoring.Calibration;
import dev.sluice.tool.scoring.Score;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows what {@code evaluate} found.
 *
 * @param shown what was asked for
 * @param objective the models'
 * @param labels in the order of the outputs; empty in regression
 * @param counts what came
 * @param badRows rows that could not be used
 * @param board the figures
 */
record EvaluateReport(
    Shown shown,
    Objective objective,
    List<String> labels,
    OfflineRun.Counts counts,
    long badRows,
    EvaluationBoard board) {

  private static final String SERVED = "served";
  private static final int WIDEST_KEY = 30;

  /**
   * What was asked for.
   *
   * @param file the input's name
   * @param csv whether it is a CSV, whose outcomes have no time of their own
   * @param delay of outcomes
   * @param reliability whether its table is shown
   * @param keys how many keys are shown; null for none
   */
  record Shown(
      String file, boolean csv, Duration delay, boolean reliability, @Nullable Integer keys) {}

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", shown.file);
    json.put("objective", objective.code());
    json.put("labels", labels);
    json.put("delayMs", shown.delay.toMillis());
    json.putAll(OutputForm.fields(counts));
    json.put("badRows", badRows);
    json.put("from", board.times().get(0));
    json.put("to", board.times().get(1));
    json.put("servedByChampion", board.servedByChampion());
    json.put("models", board.models().stream().map(EvaluateReport::json).toList());
    json.put("reliability", served().reliability());
    json.put("byTime", board.spans());
    json.put("byKey", shown.keys == null ? List.of() : board.worstKeys(shown.keys));
    json.put("keysBetterThanConstant", board.keysBetterThanConstant());
    return json;
  }

  private static Map<String, Object> json(OfModel model) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model.model());
    json.putAll(OutputForm.fields(model.score()));
    if (model.errors().isEmpty()) {
      json.put("ece", model.calibration());
    } else {
      json.put("errors", model.errors());
    }
    return json;
  }

  private OfModel served() {
    return board.models().stream()
        .filter(model -> model.model().equals(SERVED))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nothing was served"));
  }

  void print(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%,d outcomes of %,d keys, observed %s to %s; each learned %s (%s)%n%n",
        board.size(),
        counts.keys(),
        board.times().get(0),
        board.times().get(1),
        learned(),
        shown.file);
    out.println(
        labels.isEmpty()
            ? "model                n        MAE       RMSE  error p50        p90        p99"
            : "model                n      AUC  log loss  accuracy      ECE");
    board.models().forEach(model -> row(model, out));
    notes(out);
    reliability(out);
    byTime(out);
    byKey(out);
    out.flush();
  }

  private String learned() {
    if (shown.delay.isZero()) {
      return shown.csv ? "right behind its row" : "at its own time";
    }
    return "%s after its observation%s"
        .formatted(
            shown.delay.toString().substring(1).replaceFirst("^T", "").toLowerCase(Locale.ROOT),
            shown.csv ? "" : ", or at its own time if that is later");
  }

  private static void row(OfModel model, PrintWriter out) {
    if (model.score() instanceof Score.OfLabels score) {
      out.printf(
          Locale.ROOT,
          "%-10s %,11d  %7s  %8.4f  %8.4f  %7s%n",
          model.model(),
          score.n(),
          figure(score.auc()),
          score.meanLoss(),
          score.accuracy(),
          figure(
              Double.isNaN(model.calibration())
                  ? OptionalDouble.empty()
                  : OptionalDouble.of(model.calibration())));
    } else if (model.score() instanceof Score.OfValues score) {
      out.printf(
          Locale.ROOT,
          "%-10s %,11d %10.4g %10.4g %10.4g %10.4g %10.4g%n",
          model.model(),
          score.n(),
          score.meanAbsoluteError(),
          score.rootMeanSquaredError(),
          model.errors().get("p50"),
          model.errors().get("p90"),
          model.errors().get("p99"));
    }
  }

  private void notes(PrintWriter out) {
    out.println();
    out.println(
        labels.isEmpty()
            ? "constant: the mean of the key's outcomes that were known when it was observed; pooled: of all keys'."
            : "constant: the shares of the key's outcomes that were known when it was observed; pooled: of all keys'.");
    if (board.models().stream().anyMatch(model -> model.model().equals("champion"))) {
      out.printf(
          Locale.ROOT,
          "The champion alone was served in %.1f %%.%n",
          100.0 * board.servedByChampion() / board.size());
    }
    double aucError =
        board.models().stream()
            .mapToDouble(model -> model.score() instanceof Score.OfLabels of ? of.aucError() : 0)
            .max()
            .orElse(0);
    if (aucError >= 0.00005) {
      out.printf(Locale.ROOT, "The exact AUC differs by at most %.4f.%n", aucError);
    }
    said(counts.backwards(), "observations are earlier than one before them", out);
    said(
        counts.unscored(),
        "of them are earlier than an outcome that was learned before, and are not scored",
        out);
    said(counts.repeated(), "events came again and were passed over", out);
    said(counts.outcomesAlone(), "outcomes met no observation", out);
    said(counts.observationsAlone(), "observations met no outcome", out);
  }

  private static void said(long count, String what, PrintWriter out) {
    if (count > 0) {
      out.printf(Locale.ROOT, "%,d %s.%n", count, what);
    }
  }

  private void reliability(PrintWriter out) {
    List<Calibration.Bin> bins = served().reliability();
    if (!shown.reliability || bins.isEmpty()) {
      return;
    }
    out.printf(
        "%nReliability of what is served: %s%n",
        labels.size() == 2
            ? "the probability of " + labels.get(1)
            : "the probability of the most likely label");
    out.println("said               n     mean  happened");
    for (Calibration.Bin bin : bins) {
      out.printf(
          Locale.ROOT,
          "%.1f-%.1f %,12d  %7.4f  %8.4f%n",
          bin.from(),
          bin.to(),
          bin.n(),
          bin.predicted(),
          bin.observed());
    }
  }

  private void byTime(PrintWriter out) {
    List<OfSpan> spans = board.spans();
    if (spans.isEmpty()) {
      return;
    }
    Set<String> models = spans.get(0).scores().keySet();
    out.printf("%n%s by time of the observation%n", labels.isEmpty() ? "MAE" : "Log loss");
    heads("%-20s".formatted("from"), models, out);
    for (OfSpan span : spans) {
      List<Double> figures = new ArrayList<>();
      long n = 0;
      for (Score score : span.scores().values()) {
        n = score.n();
        figures.add(
            score instanceof Score.OfValues values ? values.meanAbsoluteError() : score.meanLoss());
      }
      cells("%-20s".formatted(span.from()), n, figures, out);
    }
  }

  private void byKey(PrintWriter out) {
    if (shown.keys == null) {
      return;
    }
    List<OfKey> worst = board.worstKeys(shown.keys);
    out.printf(
        Locale.ROOT,
        "%n%s of the keys that are served worst, compared with their constant; %,d of %,d are served better%n",
        labels.isEmpty() ? "MAE" : "Log loss",
        board.keysBetterThanConstant(),
        counts.keys());
    heads("%-30s".formatted("key"), worst.get(0).means().keySet(), out);
    for (OfKey key : worst) {
      String name =
          key.key().length() > WIDEST_KEY
              ? key.key().substring(0, WIDEST_KEY - 1) + "…"
              : key.key();
      cells("%-30s".formatted(name), key.n(), key.means().values(), out);
    }
  }

  private static void heads(String first, Set<String> models, PrintWriter out) {
    StringBuilder line = new StringBuilder(first).append("         n");
    models.forEach(model -> line.append(" %10s".formatted(model)));
    out.println(line);
  }

  private void cells(String first, long n, Iterable<Double> figures, PrintWriter out) {
    StringBuilder line = new StringBuilder(first).append(String.format(Locale.ROOT, "%,10d", n));
    for (double figure : figures) {
      line.append(String.format(Locale.ROOT, labels.isEmpty() ? " %10.4g" : " %10.4f", figure));
    }
    out.println(line);
  }

  private static String figure(OptionalDouble figure) {
    return figure.isPresent() ? String.format(Locale.ROOT, "%.4f", figure.getAsDouble()) : "n/a";
  }
}

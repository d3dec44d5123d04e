package dev.sluice.tool.cli;

import dev.sluice.codec.Details;
import dev.sluice.tool.scoring.Calibration;
import dev.sluice.tool.scoring.KeyBoard.OfKey;
import dev.sluice.tool.scoring.ModelScore;
import dev.sluice.tool.scoring.Score;
import dev.sluice.tool.scoring.SpanScore;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows models side by side, as {@code score} and {@code evaluate} do.
 *
 * @param labels in the order of the outputs; empty in regression
 */
record ModelTables(List<String> labels) {

  private static final double VISIBLE = 0.00005;
  private static final int WIDEST_KEY = 30;
  private static final String SERVED_AUC = "served AUC";

  /** One model, for programs. */
  static Map<String, Object> json(ModelScore model) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model.model());
    json.putAll(OutputForm.fields(model.score()));
    if (model.errors().isEmpty()) {
      json.put("ece", model.calibration());
      json.put("reliability", model.reliability());
    } else {
      json.put("errors", model.errors());
    }
    return json;
  }

  /** A line each. */
  void models(List<ModelScore> models, PrintWriter out) {
    int widest = models.stream().mapToInt(model -> model.model().length()).max().orElse(0);
    String name = "%%-%ds".formatted(Math.max(10, widest));
    out.println(
        name.formatted("model")
            + (labels.isEmpty()
                ? "           n        MAE       RMSE       R²       loss  error p50        p90        p99"
                : "           n      AUC  log loss  accuracy    kappa      ECE"));
    for (ModelScore model : models) {
      out.println(name.formatted(model.model()) + " " + figures(model));
    }
  }

  private static String figures(ModelScore model) {
    if (model.score() instanceof Score.OfLabels score) {
      return String.format(
          Locale.ROOT,
          "%,11d  %7s  %8.4f  %8.4f  %7s  %7s",
          score.n(),
          figure(score.auc()),
          score.meanLoss(),
          score.accuracy(),
          figure(score.kappa()),
          Double.isNaN(model.calibration())
              ? "n/a"
              : String.format(Locale.ROOT, "%.4f", model.calibration()));
    }
    Score.OfValues score = (Score.OfValues) model.score();
    return String.format(
        Locale.ROOT,
        "%,11d %10.4g %10.4g  %7s %10.4g %10.4g %10.4g %10.4g",
        score.n(),
        score.meanAbsoluteError(),
        score.rootMeanSquaredError(),
        figure(score.rSquared()),
        score.meanLoss(),
        model.errors().get("p50"),
        model.errors().get("p90"),
        model.errors().get("p99"));
  }

  private static String figure(OptionalDouble figure) {
    return figure.isPresent() ? String.format(Locale.ROOT, "%.4f", figure.getAsDouble()) : "n/a";
  }

  /** By how much the area may be wrong, where it shows in what is printed. */
  void aucError(List<ModelScore> models, PrintWriter out) {
    double worst =
        models.stream()
            .mapToDouble(model -> model.score() instanceof Score.OfLabels of ? of.aucError() : 0)
            .max()
            .orElse(0);
    if (worst >= VISIBLE) {
      out.printf(Locale.ROOT, "The exact AUC differs by at most %.4f.%n", worst);
    }
  }

  /** {@code whose}: what is said to be reliable. */
  void reliability(String whose, ModelScore model, PrintWriter out) {
    if (model.reliability().isEmpty()) {
      return;
    }
    out.printf(
        "%nReliability of %s: %s%n",
        whose,
        labels.size() == 2
            ? "the probability of " + labels.get(1)
            : "the probability of the most likely label");
    out.println("said               n     mean  happened");
    for (Calibration.Bin bin : model.reliability()) {
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

  /** {@code whose}: the time that counts, as in "observation". */
  void byTime(String whose, List<SpanScore> spans, PrintWriter out) {
    if (spans.isEmpty()) {
      return;
    }
    Set<String> models = new LinkedHashSet<>();
    spans.forEach(span -> models.addAll(span.scores().keySet()));
    out.printf("%n%s by time of the %s%n", measure(), whose);
    heads("%-20s".formatted("from"), models, out);
    for (SpanScore span : spans) {
      List<Double> figures = new ArrayList<>();
      long n = 0;
      for (String model : models) {
        Score score = span.scores().get(model);
        n = Math.max(n, score == null ? 0 : score.n());
        figures.add(measured(score));
      }
      cells("%-20s".formatted(span.from()), n, figures, out);
    }
  }

  /** What is compared by time and by key. */
  String measure() {
    return labels.isEmpty() ? "MAE" : "Log loss";
  }

  private static double measured(@Nullable Score score) {
    if (score == null) {
      return Double.NaN;
    }
    return score instanceof Score.OfValues values ? values.meanAbsoluteError() : score.meanLoss();
  }

  /** A line for each key; there is one. */
  void byKey(List<OfKey> keys, PrintWriter out) {
    Set<String> models = new LinkedHashSet<>(keys.get(0).means().keySet());
    models.removeIf(model -> keys.stream().allMatch(key -> Double.isNaN(key.mean(model))));
    Set<String> columns = new LinkedHashSet<>(models);
    if (!labels.isEmpty()) {
      columns.add(SERVED_AUC);
    }
    heads("%-30s".formatted("key"), columns, out);
    for (OfKey key : keys) {
      List<Double> figures = new ArrayList<>();
      models.forEach(model -> figures.add(key.mean(model)));
      if (!labels.isEmpty()) {
        figures.add(key.auc().orElse(Double.NaN));
      }
      String name = Details.clipped(key.key());
      String cut = name.length() > WIDEST_KEY ? name.substring(0, WIDEST_KEY - 1) + "…" : name;
      cells("%-30s".formatted(cut), key.n(), figures, out);
    }
  }

  /** The line above {@link #cells}. */
  void heads(String first, Set<String> models, PrintWriter out) {
    StringBuilder line = new StringBuilder(first).append("         n");
    models.forEach(model -> line.append(" %10s".formatted(model)));
    out.println(line);
  }

  /** A line of figures. */
  void cells(String first, long n, Iterable<Double> figures, PrintWriter out) {
    StringBuilder line = new StringBuilder(first).append(String.format(Locale.ROOT, "%,10d", n));
    for (double figure : figures) {
      String form = Double.isNaN(figure) ? " %10s" : labels.isEmpty() ? " %10.4g" : " %10.4f";
      line.append(String.format(Locale.ROOT, form, Double.isNaN(figure) ? "n/a" : (Object) figure));
    }
    out.println(line);
  }
}

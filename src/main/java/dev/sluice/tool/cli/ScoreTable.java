package dev.sluice.tool.cli;

import dev.sluice.tool.scoring.Score;
import dev.sluice.tool.scoring.Scoreboard;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Shows what {@code score} found. */
final class ScoreTable {

  private final String topic;
  private final Scoreboard.Result result;

  ScoreTable(String topic, Scoreboard.Result result) {
    this.topic = topic;
    this.result = result;
  }

  void print(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%,d evaluations of %s%,d keys, %s to %s (%s)%n%n",
        result.evaluations(),
        result.moreKeys() ? "more than " : "",
        result.keys(),
        Instant.ofEpochMilli(result.firstMs()),
        Instant.ofEpochMilli(result.lastMs()),
        topic);
    out.println(
        result.labels().isEmpty()
            ? "model                n        MAE       RMSE       R²       loss"
            : "model                n      AUC  log loss  accuracy    kappa");
    row(out, "champion", result.champion().orElse(null));
    row(out, "challenger", result.challenger());
    row(out, "served", result.served());
    out.printf(
        Locale.ROOT,
        "%nThe champion served %.1f %%, the challenger %.1f %%.%n",
        100.0 * result.servedByChampion() / result.evaluations(),
        100.0 - 100.0 * result.servedByChampion() / result.evaluations());
    aucError(out);
    side(out, "champion", result.championsKeys());
    side(out, "challenger", result.challengersKeys());
    out.flush();
  }

  /** Where it shows in what is printed. */
  private void aucError(PrintWriter out) {
    double worst =
        Stream.of(result.champion().orElse(result.served()), result.challenger(), result.served())
            .mapToDouble(score -> score instanceof Score.OfLabels of ? of.aucError() : 0)
            .max()
            .orElse(0);
    if (worst >= 0.00005) {
      out.printf(Locale.ROOT, "The exact AUC differs by at most %.4f.%n", worst);
    }
  }

  /** The same as an object; a figure that is not defined is null. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("topic", topic);
    json.put("evaluations", result.evaluations());
    json.put("keys", result.keys());
    json.put("moreKeys", result.moreKeys());
    json.put("from", Instant.ofEpochMilli(result.firstMs()).toString());
    json.put("to", Instant.ofEpochMilli(result.lastMs()).toString());
    json.put("labels", result.labels());
    json.put("servedByChampion", result.servedByChampion());
    json.put("champion", result.champion().map(ScoreTable::json).orElse(null));
    json.put("challenger", json(result.challenger()));
    json.put("served", json(result.served()));
    json.put("championsKeys", result.championsKeys().map(ScoreTable::json).orElse(null));
    json.put("challengersKeys", result.challengersKeys().map(ScoreTable::json).orElse(null));
    return json;
  }

  private static Map<String, Object> json(Scoreboard.Side side) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("keys", side.keys());
    json.put("evaluations", side.evaluations());
    put(json, "champion", OptionalDouble.of(side.champion()));
    put(json, "challenger", OptionalDouble.of(side.challenger()));
    put(json, "served", OptionalDouble.of(side.served()));
    return json;
  }

  private static void side(PrintWriter out, String better, Optional<Scoreboard.Side> keys) {
    keys.ifPresent(
        side ->
            out.printf(
                Locale.ROOT,
                "Where the %s was better (%,d keys, %,d evaluations): loss champion %.4f, challenger %.4f, served %.4f%n",
                better,
                side.keys(),
                side.evaluations(),
                side.champion(),
                side.challenger(),
                side.served()));
  }

  private static void row(PrintWriter out, String model, @Nullable Score score) {
    if (score == null) {
      out.printf("%-10s %11s%n", model, "none");
    } else if (score instanceof Score.OfLabels labels) {
      out.printf(
          Locale.ROOT,
          "%-10s %,11d  %7s  %8.4f  %8.4f  %7s%n",
          model,
          labels.n(),
          shown(labels.auc()),
          labels.meanLoss(),
          labels.accuracy(),
          shown(labels.kappa()));
    } else if (score instanceof Score.OfValues values) {
      out.printf(
          Locale.ROOT,
          "%-10s %,11d %10.4g %10.4g  %7s %10.4g%n",
          model,
          values.n(),
          values.meanAbsoluteError(),
          values.rootMeanSquaredError(),
          shown(values.rSquared()),
          values.meanLoss());
    }
  }

  private static String shown(OptionalDouble figure) {
    return figure.isPresent() ? String.format(Locale.ROOT, "%.4f", figure.getAsDouble()) : "n/a";
  }

  private static Map<String, Object> json(Score score) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("n", score.n());
    if (score instanceof Score.OfLabels labels) {
      put(json, "auc", labels.auc());
      put(json, "aucError", OptionalDouble.of(labels.aucError()));
      put(json, "logLoss", OptionalDouble.of(labels.meanLoss()));
      put(json, "accuracy", OptionalDouble.of(labels.accuracy()));
      put(json, "kappa", labels.kappa());
    } else if (score instanceof Score.OfValues values) {
      put(json, "mae", OptionalDouble.of(values.meanAbsoluteError()));
      put(json, "rmse", OptionalDouble.of(values.rootMeanSquaredError()));
      put(json, "r2", values.rSquared());
      put(json, "loss", OptionalDouble.of(values.meanLoss()));
    }
    return json;
  }

  private static void put(Map<String, Object> json, String name, OptionalDouble figure) {
    boolean shown = figure.isPresent() && Double.isFinite(figure.getAsDouble());
    json.put(name, shown ? figure.getAsDouble() : null);
  }
}

package dev.sluice.tool.cli;

import dev.sluice.tool.scoring.Score;
import dev.sluice.tool.scoring.Scoreboard;
import java.io.PrintWriter;
import java.util.Locale;
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
        result.from(),
        result.to(),
        topic);
    out.println(
        result.labels().isEmpty()
            ? "model                n        MAE       RMSE       R²       loss"
            : "model                n      AUC  log loss  accuracy    kappa");
    row(out, "champion", result.champion());
    row(out, "challenger", result.challenger());
    row(out, "served", result.served());
    out.printf(
        Locale.ROOT,
        "%nThe champion served %.1f %%, the challengers %.1f %%, the blend %.1f %%.%n",
        100.0 * result.servedByChampion() / result.evaluations(),
        100.0
            * (result.evaluations() - result.servedByChampion() - result.servedByBlend())
            / result.evaluations(),
        100.0 * result.servedByBlend() / result.evaluations());
    aucError(out);
    side(out, "champion", result.championsKeys());
    side(out, "challenger", result.challengersKeys());
    out.flush();
  }

  /** Where it shows in what is printed. */
  private void aucError(PrintWriter out) {
    double worst =
        Stream.of(result.champion(), result.challenger(), result.served())
            .mapToDouble(score -> score instanceof Score.OfLabels of ? of.aucError() : 0)
            .max()
            .orElse(0);
    if (worst >= 0.00005) {
      out.printf(Locale.ROOT, "The exact AUC differs by at most %.4f.%n", worst);
    }
  }

  private static void side(PrintWriter out, String better, Scoreboard.@Nullable Side side) {
    if (side != null) {
      out.printf(
          Locale.ROOT,
          "Where the %s was better (%,d keys, %,d evaluations): loss champion %.4f, challenger %.4f, served %.4f%n",
          better,
          side.keys(),
          side.evaluations(),
          side.champion(),
          side.challenger(),
          side.served());
    }
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
}

package dev.sluice.tool.cli;

import dev.sluice.model.Champion;
import dev.sluice.model.ChampionErrors;
import dev.sluice.model.ChampionErrors.OfLabels;
import dev.sluice.model.ChampionErrors.OfValues;
import dev.sluice.tool.training.ChampionTraining.Goal;
import dev.sluice.tool.training.ChampionTraining.Trained;
import dev.sluice.tool.training.HeldOut;
import dev.sluice.tool.training.TrainingEvents;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows what {@code train} did.
 *
 * @param file where the champion lies
 */
record TrainReport(
    Path file, Goal goal, TrainingEvents.Read read, Trained trained, double seconds) {

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("champion", file.toAbsolutePath().toString());
    json.put("objective", goal.objective().code());
    json.put("examples", read.joined().size());
    json.put("observationsAlone", read.observationsAlone());
    json.put("outcomesAlone", read.outcomesAlone());
    json.put("badLines", read.badLines());
    json.put("features", trained.features());
    json.put("labels", trained.labels());
    json.put("heldOut", json(trained.heldOut()));
    json.put("seconds", seconds);
    json.put("bytes", trained.bytes().length);
    json.put("sha256", Champion.sha256(trained.bytes()));
    return json;
  }

  private static @Nullable Map<String, Object> json(@Nullable HeldOut heldOut) {
    if (heldOut == null) {
      return null;
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("examples", heldOut.examples());
    json.put("from", heldOut.from());
    json.put("to", heldOut.to());
    json.put("champion", json(heldOut.champion()));
    json.put("constant", json(heldOut.constant()));
    json.put("worse", heldOut.isWorse());
    return json;
  }

  private static Map<String, Object> json(ChampionErrors errors) {
    Map<String, Object> json = new LinkedHashMap<>();
    if (errors instanceof OfLabels labels) {
      json.put("logLoss", labels.logLoss());
      json.put("accuracy", labels.accuracy());
    } else if (errors instanceof OfValues values) {
      json.put("mae", values.meanAbsoluteError());
      json.put("rmse", values.rootMeanSquaredError());
      json.put("loss", values.judged());
    }
    return json;
  }

  void print(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Trained on %,d examples, %,d features, %s, in %.1f s.%n",
        read.joined().size(),
        trained.features(),
        goal.labels().isEmpty() ? "values" : "labels " + String.join(", ", goal.labels()),
        seconds);
    if (read.observationsAlone() + read.outcomesAlone() > 0) {
      out.printf(
          Locale.ROOT,
          "Left out: %,d observations without an outcome, %,d outcomes without an observation.%n",
          read.observationsAlone(),
          read.outcomesAlone());
    }
    print(trained.heldOut(), out);
    out.printf(Locale.ROOT, "Wrote %s, %,d bytes%n", file, trained.bytes().length);
    out.printf("sha256 %s%n", Champion.sha256(trained.bytes()));
  }

  private static void print(@Nullable HeldOut heldOut, PrintWriter out) {
    if (heldOut == null) {
      out.println("Nothing was held out: nothing has judged this champion.");
      return;
    }
    out.printf(
        Locale.ROOT,
        "Held out: the last %,d examples, %s to %s; of a champion that was trained without them:%n",
        heldOut.examples(),
        heldOut.from(),
        heldOut.to());
    out.printf("  champion  %s%n", figures(heldOut.champion()));
    out.printf("  constant  %s%n", figures(heldOut.constant()));
  }

  /** All that speaks against a champion. */
  static String figures(HeldOut heldOut) {
    return "%s; constant: %s; trained on all: %s"
        .formatted(
            figures(heldOut.champion()), figures(heldOut.constant()), figures(heldOut.whole()));
  }

  private static String figures(ChampionErrors errors) {
    return errors instanceof OfLabels labels
        ? String.format(
            Locale.ROOT, "log loss %.4f, accuracy %.4f", labels.logLoss(), labels.accuracy())
        : String.format(
            Locale.ROOT,
            "MAE %.4g, RMSE %.4g",
            ((OfValues) errors).meanAbsoluteError(),
            ((OfValues) errors).rootMeanSquaredError());
  }
}

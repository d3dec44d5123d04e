package dev.sluice.tool.cli;

import dev.sluice.model.Champion;
import dev.sluice.model.ChampionErrors;
import dev.sluice.model.ChampionErrors.OfLabels;
import dev.sluice.model.ChampionErrors.OfValues;
import dev.sluice.tool.training.AnsweredExamples;
import dev.sluice.tool.training.ChampionTraining.Goal;
import dev.sluice.tool.training.ChampionTraining.Trained;
import dev.sluice.tool.training.HeldOut;
import dev.sluice.tool.training.TrainingEvents;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Shows what {@code train} did.
 *
 * @param file where the champion lies
 */
record TrainReport(
    Path file, Goal goal, int examples, LeftOut leftOut, Trained trained, double seconds) {

  /**
   * What was not trained on.
   *
   * @param counts by reason, as in JSON
   * @param words how each reason is shown, if anything was left out for it
   */
  record LeftOut(Map<String, Long> counts, Map<String, String> words) {

    static LeftOut of(TrainingEvents.Read read) {
      LeftOut leftOut = new LeftOut(new LinkedHashMap<>(), new LinkedHashMap<>());
      leftOut.put("observationsAlone", read.observationsAlone(), "observations without an outcome");
      leftOut.put("outcomesAlone", read.outcomesAlone(), "outcomes without an observation");
      leftOut.put("badLines", read.badLines(), "");
      return leftOut;
    }

    static LeftOut of(AnsweredExamples.LeftOut read) {
      LeftOut leftOut = new LeftOut(new LinkedHashMap<>(), new LinkedHashMap<>());
      leftOut.put("older", read.older(), "outcomes that are older than the newest (--limit)");
      leftOut.put("notLearned", read.notLearned(), "outcomes that the job did not learn from");
      leftOut.put(
          "unknownTargets",
          read.unknownTargets(),
          "outcomes that are none of the settings' labels or values");
      leftOut.put(
          "unusable", read.unusable(), "observations that the settings do not allow any more");
      leftOut.put(
          "deleted", read.deleted(), "outcomes whose observation was deleted from the topics");
      leftOut.put("foreign", read.foreign(), "evaluations of other inputs");
      leftOut.put("unreadable", read.unreadable().count(), "records that are no answer of the job");
      return leftOut;
    }

    private void put(String name, long count, String what) {
      counts.put(name, count);
      words.put(name, what);
    }

    /** In one line; empty if nothing was. */
    String text() {
      return counts.entrySet().stream()
          .filter(one -> one.getValue() > 0 && !words.getOrDefault(one.getKey(), "").isEmpty())
          .map(one -> String.format(Locale.ROOT, "%,d %s", one.getValue(), words.get(one.getKey())))
          .collect(Collectors.joining(", "));
    }
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("champion", file.toAbsolutePath().toString());
    json.put("objective", goal.objective().code());
    json.put("examples", examples);
    json.putAll(leftOut.counts());
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
    json.put("laterOutcomes", heldOut.laterOutcomes());
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
        examples,
        trained.features(),
        goal.labels().isEmpty() ? "values" : "labels " + String.join(", ", goal.labels()),
        seconds);
    String left = leftOut.text();
    if (!left.isEmpty()) {
      out.printf("Left out: %s.%n", left);
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
    if (heldOut.laterOutcomes() > 0) {
      out.printf(
          Locale.ROOT,
          "Not learned: %,d examples whose outcome did not come before the first held-out observation.%n",
          heldOut.laterOutcomes());
    }
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

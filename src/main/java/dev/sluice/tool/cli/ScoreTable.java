package dev.sluice.tool.cli;

import dev.sluice.tool.scoring.KeySides;
import dev.sluice.tool.scoring.ModelScore;
import dev.sluice.tool.scoring.Scoreboard;
import dev.sluice.tool.scoring.Shadows;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows what {@code score} found.
 *
 * @param topic the evaluations
 * @param result what they say
 * @param shown what was asked for
 */
record ScoreTable(String topic, Scoreboard.Result result, Shown shown) {

  /**
   * What was asked for.
   *
   * @param byObservation whether the observation's time counts
   * @param reliability whether its tables are shown
   */
  record Shown(boolean byObservation, boolean reliability) {}

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("topic", topic);
    json.putAll(OutputForm.fields(result));
    json.put("models", result.models().stream().map(ModelTables::json).toList());
    return json;
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
    ModelTables tables = new ModelTables(result.labels());
    tables.models(result.models(), out);
    out.println();
    result
        .constantLogLoss()
        .ifPresent(
            loss ->
                out.printf(
                    Locale.ROOT,
                    "A constant, the share of each label in these evaluations, has log loss %.4f.%n",
                    loss));
    if (result.champion() == null) {
      out.println("There was no champion: what the challengers predicted was served.");
    } else {
      served(out);
    }
    tables.aucError(result.models(), out);
    side(out, "champion", result.championsKeys());
    side(out, "challenger", result.challengersKeys());
    result.shadows().forEach(shadow -> compare(out, shadow));
    leftOut(out);
    if (shown.reliability) {
      for (ModelScore model : result.models()) {
        tables.reliability(model.model(), model, out);
      }
    }
    tables.byTime(shown.byObservation ? "observation" : "outcome", result.byTime(), out);
    byKey(tables, out);
    out.flush();
  }

  private void byKey(ModelTables tables, PrintWriter out) {
    if (!result.byKey().isEmpty()) {
      out.printf(
          Locale.ROOT,
          "%n%s of the %,d keys with the most evaluations%s, those that are served worst first%n",
          tables.measure(),
          result.byKey().size(),
          result.moreKeys() ? ", of the first %,d".formatted(result.keys()) : "");
      tables.byKey(result.byKey(), out);
    }
  }

  private void served(PrintWriter out) {
    double all = result.evaluations();
    long byChampion = result.servedByChampion();
    long byBlend = result.servedByBlend();
    out.printf(
        Locale.ROOT,
        "The champion served %.1f %%, the challengers %.1f %%, the blend %.1f %%.%n",
        100 * byChampion / all,
        100 * (all - byChampion - byBlend) / all,
        100 * byBlend / all);
  }

  private static void side(PrintWriter out, String better, KeySides.@Nullable Side side) {
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

  private static void compare(PrintWriter out, Shadows.Compared shadow) {
    out.printf(
        Locale.ROOT,
        "While shadow %s predicted (%,d evaluations): loss shadow %.4f, champion %s, challenger %.4f, served %.4f%n",
        shadow.version(),
        shadow.evaluations(),
        shadow.shadow(),
        Double.isNaN(shadow.champion())
            ? "n/a"
            : String.format(Locale.ROOT, "%.4f", shadow.champion()),
        shadow.challenger(),
        shadow.served());
  }

  private void leftOut(PrintWriter out) {
    if (result.moreKeys()) {
      out.printf(
          Locale.ROOT,
          "Left out: which keys the champion predicted better, as there are more than the %,d that are counted.%n",
          result.keys());
    }
    if (result.olderShadows() > 0) {
      out.printf(
          Locale.ROOT,
          "Left out: shadows of older versions, which predicted in %,d evaluations.%n",
          result.olderShadows());
    }
    if (!result.ranksByTime()) {
      out.println("Left out: the AUC by time, as there are too many labels for it.");
    }
  }
}

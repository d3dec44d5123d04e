package dev.sluice.tool.cli;

import dev.sluice.model.ModelState;
import dev.sluice.tool.savepoint.Challengers;
import dev.sluice.tool.savepoint.KeySummary;
import dev.sluice.tool.savepoint.SavedKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One key in full. */
final class KeyReport {

  private static final int COLUMNS_SHOWN = 10;

  private final SavedKey saved;
  private final Challengers challengers;

  KeyReport(SavedKey saved, Challengers challengers) {
    this.saved = saved;
    this.challengers = challengers;
  }

  void print(PrintWriter out) {
    KeySummary row = KeySummary.of(saved);
    ModelState model = saved.model();
    out.printf(Locale.ROOT, "Key          %s, %,d bytes%n", saved.key(), saved.bytes());
    out.printf(
        Locale.ROOT,
        "Pending      %,d observations, %,d outcomes%n",
        saved.pendingObservations(),
        saved.waitingOutcomes());
    if (model == null) {
      out.println("Model        none yet");
      return;
    }
    out.printf(
        Locale.ROOT,
        "Counters     %,d predictions, %,d evaluations, %,d updates, %,d refused%n",
        model.predictions,
        model.evaluations,
        model.updates,
        model.refusedUpdates);
    out.printf(
        Locale.ROOT,
        "Losses       champion %s, challenger %s, over a fading count of %.1f%n",
        figure(row.championLoss()),
        figure(row.challengerLoss()),
        model.lossWeight);
    out.printf("Best         %s%n", row.served());
    if (model.lastEventMs != ModelState.UNKNOWN) {
      out.printf("Last event   %s in Kafka's time%n", Instant.ofEpochMilli(model.lastEventMs));
    }
    double[] weights = challengers.weights(model);
    if (weights[0] > 0) {
      out.printf(Locale.ROOT, "Blend        %5.1f %%  champion%n", 100 * weights[0]);
    }
    for (int i = 0; i < model.challengers.length; i++) {
      out.printf(
          Locale.ROOT,
          "%-12s %5.1f %%  challenger of learning rate %s%n",
          i == 0 && weights[0] == 0 ? "Blend" : "",
          100 * weights[1 + i],
          model.challengers[i].rate());
    }
    List<Importance> all = importances(model, weights);
    out.printf("Learned      %s columns, the most important:%n", model.columns.length);
    for (Importance each : all.subList(0, Math.min(COLUMNS_SHOWN, all.size()))) {
      out.printf(
          Locale.ROOT,
          "             %12.5g  %s%n",
          each.importance,
          challengers.column(each.column));
    }
  }

  /**
   * The key as an object.
   *
   * @param exported where its challenger was written; null if nowhere
   */
  Map<String, Object> json(@Nullable Path exported) {
    Map<String, Object> json = OutputForm.fields(KeySummary.of(saved));
    json.put("pendingObservations", saved.pendingObservations());
    json.put("waitingOutcomes", saved.waitingOutcomes());
    json.put("exported", exported == null ? null : exported.toAbsolutePath().toString());
    json.put("labels", challengers.labels());
    ModelState model = saved.model();
    if (model != null) {
      json.put("refusedUpdates", model.refusedUpdates);
      json.put("lossWeight", model.lossWeight);
      json.put("lastEventMs", model.lastEventMs == ModelState.UNKNOWN ? null : model.lastEventMs);
      double[] weights = challengers.weights(model);
      json.put("championWeight", weights[0]);
      json.put("challengers", challengersJson(model, weights));
      json.put("features", featuresJson(model, weights));
      json.put("startColumns", model.start.columns());
      json.put("startWeights", model.start.weights());
      json.put("targetMean", model.target.mean);
      json.put("targetDeviation", Math.sqrt(model.target.variance));
    }
    return json;
  }

  /** Rows are outputs; a row's last number is the bias, the others belong to the features. */
  private static List<Map<String, Object>> challengersJson(ModelState model, double[] weights) {
    List<Map<String, Object>> all = new ArrayList<>();
    int used = model.columns.length;
    for (int i = 0; i < model.challengers.length; i++) {
      ModelState.Challenger challenger = model.challengers[i];
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("learningRate", Double.isNaN(challenger.rate()) ? null : challenger.rate());
      json.put("weight", weights[1 + i]);
      json.put("weights", used(challenger.weights(), used));
      List<double[][]> accumulators = new ArrayList<>();
      for (double[][] slot : challenger.accumulators()) {
        accumulators.add(used(slot, used));
      }
      json.put("accumulators", accumulators);
      all.add(json);
    }
    return all;
  }

  private static double[][] used(double[][] rows, int used) {
    double[][] cut = new double[rows.length][];
    for (int row = 0; row < cut.length; row++) {
      cut[row] = Arrays.copyOf(rows[row], used + 1);
      cut[row][used] = rows[row][rows[row].length - 1];
    }
    return cut;
  }

  private List<Map<String, Object>> featuresJson(ModelState model, double[] weights) {
    List<Map<String, Object>> all = new ArrayList<>();
    double[] importance = importance(model, weights);
    for (int place = 0; place < model.columns.length; place++) {
      int column = model.columns[place];
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("column", column);
      json.put("feature", challengers.column(column));
      json.put("importance", importance[place]);
      json.put("count", model.scaler.count(column));
      json.put("mean", model.scaler.mean(column));
      json.put("deviation", model.scaler.deviation(column));
      all.add(json);
    }
    return all;
  }

  private record Importance(int column, double importance) {}

  private static List<Importance> importances(ModelState model, double[] weights) {
    double[] importance = importance(model, weights);
    List<Importance> all = new ArrayList<>();
    for (int place = 0; place < importance.length; place++) {
      all.add(new Importance(model.columns[place], importance[place]));
    }
    all.sort(Comparator.comparingDouble(each -> -each.importance));
    return all;
  }

  /**
   * How far apart a column's standardised value of 1 moves the scores of two outputs, in the mean
   * over the challengers by their weights.
   */
  private static double[] importance(ModelState model, double[] weights) {
    double[] importance = new double[model.columns.length];
    double all = 0;
    for (int i = 0; i < model.challengers.length; i++) {
      all += weights[1 + i];
      double[][] rows = model.challengers[i].weights();
      for (int place = 0; place < importance.length; place++) {
        double least = rows.length == 1 ? 0 : Double.POSITIVE_INFINITY;
        double most = rows.length == 1 ? 0 : Double.NEGATIVE_INFINITY;
        for (double[] row : rows) {
          least = Math.min(least, row[place]);
          most = Math.max(most, row[place]);
        }
        importance[place] += weights[1 + i] * (most - least);
      }
    }
    for (int place = 0; place < importance.length; place++) {
      importance[place] /= all;
    }
    return importance;
  }

  private static String figure(OptionalDouble figure) {
    return figure.isPresent() ? String.format(Locale.ROOT, "%.4f", figure.getAsDouble()) : "none";
  }
}

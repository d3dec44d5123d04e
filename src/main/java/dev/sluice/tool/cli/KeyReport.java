package dev.sluice.tool.cli;

import dev.sluice.model.ModelState;
import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.savepoint.Challengers;
import dev.sluice.tool.savepoint.KeyPauses;
import dev.sluice.tool.savepoint.KeySummary;
import dev.sluice.tool.savepoint.SavedKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
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
  private final ColumnNames names;
  private final KeyPauses pauses;
  private final @Nullable String fault;

  /**
   * @param fault what is wrong with the model, whose numbers then say nothing; null if nothing is
   */
  KeyReport(
      SavedKey saved,
      Challengers challengers,
      ColumnNames names,
      KeyPauses pauses,
      @Nullable String fault) {
    this.saved = saved;
    this.challengers = challengers;
    this.names = names;
    this.pauses = pauses;
    this.fault = fault;
  }

  void print(PrintWriter out) {
    KeySummary row = KeySummary.of(saved);
    ModelState model = saved.model();
    out.printf(
        Locale.ROOT, "Key          %s, %,d bytes%n", Unasked.shown(saved.key()), saved.bytes());
    out.printf("Paused       %s%n", pauses.words());
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
    if (fault != null) {
      out.printf("Damaged      %s%n", fault);
      return;
    }
    double[] weights = challengers.weights(model);
    printBlend(model, weights, out);
    printColumns(model, weights, out);
  }

  private static void printBlend(ModelState model, double[] weights, PrintWriter out) {
    if (weights[0] > 0) {
      out.printf(Locale.ROOT, "Blend        %5.1f %%  champion%n", 100 * weights[0]);
    }
    for (int i = 0; i < model.learned.challengers(); i++) {
      double rate = model.learned.rate(i);
      out.printf(
          Locale.ROOT,
          "%-12s %5.1f %%  challenger of %s%n",
          i == 0 && weights[0] == 0 ? "Blend" : "",
          100 * weights[1 + i],
          Double.isNaN(rate)
              ? "an unknown learning rate: an earlier release did not store it"
              : "learning rate " + rate);
    }
  }

  private void printColumns(ModelState model, double[] weights, PrintWriter out) {
    List<ColumnImportance> all = ColumnImportance.of(model, weights, challengers);
    out.printf(
        Locale.ROOT,
        "Columns      %,d learned, %,d of the start alone; the most important:%n",
        model.columns.length,
        all.size() - model.columns.length);
    all.stream()
        .sorted(ColumnImportance.LARGEST_FIRST)
        .limit(COLUMNS_SHOWN)
        .forEach(
            each ->
                out.printf(
                    Locale.ROOT,
                    "             %12.5g  %s%n",
                    each.importance(),
                    described(each.column())));
    int unknown = unnamed(all).size();
    if (unknown > 0 || names.file().isPresent()) {
      out.printf("Names        %s%n", namesInWords(all.size(), unknown));
    }
  }

  private String described(int column) {
    List<String> known = names.of(column);
    if (known.isEmpty()) {
      return challengers.column(column) + ", no known name";
    }
    String all = Unasked.shown(String.join(" or ", known));
    String also = known.size() == ColumnNames.MOST ? " or more" : "";
    return challengers.knownName(column).isPresent()
        ? all
        : "%s%s (%s)".formatted(all, also, challengers.column(column));
  }

  private String namesInWords(int columns, int unknown) {
    String counts = String.format(Locale.ROOT, "%,d of %,d columns have none", unknown, columns);
    return names
        .file()
        .map(
            file ->
                String.format(
                    Locale.ROOT,
                    "%s in this key's %,d observations of %s",
                    counts,
                    names.observations(),
                    file))
        .orElse(counts + ": a snapshot keeps the champion's alone; --names EVENTS finds others");
  }

  private List<Integer> unnamed(List<ColumnImportance> all) {
    return all.stream()
        .map(ColumnImportance::column)
        .filter(column -> names.of(column).isEmpty())
        .toList();
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
    json.put(
        "paused", Map.of("learning", pauses.learning().code(), "scoring", pauses.scoring().code()));
    ModelState model = saved.model();
    if (model != null) {
      json.put("refusedUpdates", model.refusedUpdates);
      json.put("lossWeight", model.lossWeight);
      json.put("lastEventMs", model.lastEventMs == ModelState.UNKNOWN ? null : model.lastEventMs);
      if (fault != null) {
        json.put("fault", fault);
        return json;
      }
      double[] weights = challengers.weights(model);
      json.put("championWeight", weights[0]);
      json.put("challengers", challengersJson(model, weights));
      json.put("features", featuresJson(model, weights));
      json.put("unnamedColumns", unnamed(ColumnImportance.of(model, weights, challengers)));
      json.put(
          "namesFrom", names.file().map(file -> file.toAbsolutePath().toString()).orElse(null));
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
    for (int i = 0; i < model.learned.challengers(); i++) {
      ModelState.Challenger challenger = model.learned.challenger(i);
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("learningRate", Double.isNaN(challenger.rate()) ? null : challenger.rate());
      json.put("weight", weights[1 + i]);
      json.put("weights", challenger.weights());
      json.put("accumulators", challenger.accumulators());
      all.add(json);
    }
    return all;
  }

  /** Columns with weights of the challengers' own first, in the weights' order. */
  private List<Map<String, Object>> featuresJson(ModelState model, double[] weights) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (ColumnImportance each : ColumnImportance.of(model, weights, challengers)) {
      int column = each.column();
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("column", column);
      json.put("feature", challengers.column(column));
      json.put("names", names.of(column));
      json.put("importance", each.importance());
      json.put("count", model.scaler.count(column));
      json.put("mean", model.scaler.mean(column));
      json.put("deviation", model.scaler.deviation(column));
      all.add(json);
    }
    return all;
  }

  private static String figure(OptionalDouble figure) {
    return figure.isPresent() ? String.format(Locale.ROOT, "%.4f", figure.getAsDouble()) : "none";
  }
}

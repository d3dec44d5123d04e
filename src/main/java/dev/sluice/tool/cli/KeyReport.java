package dev.sluice.tool.cli;

import dev.sluice.model.ModelState;
import dev.sluice.tool.savepoint.Challengers;
import dev.sluice.tool.savepoint.KeySummary;
import dev.sluice.tool.savepoint.SavedKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One key in full. */
final class KeyReport {

  private static final int WEIGHTS_SHOWN = 10;

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
    out.printf(
        "Weights      %s x %s, the largest:%n", model.weights.length, model.weights[0].length);
    for (Place place : largest(model)) {
      out.printf(
          Locale.ROOT,
          "             %12.5g  %s of %s%n",
          place.weight(model),
          challengers.column(model, place.column),
          challengers.labels().isEmpty() ? "the value" : challengers.labels().get(place.row));
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
      List<String> columns = new ArrayList<>();
      for (int column = 0; column < model.weights[0].length; column++) {
        columns.add(challengers.column(model, column));
      }
      json.put("columns", columns);
      json.put("refusedUpdates", model.refusedUpdates);
      json.put("lossWeight", model.lossWeight);
      json.put("lastEventMs", model.lastEventMs == ModelState.UNKNOWN ? null : model.lastEventMs);
      json.put("weights", model.weights);
      json.put("accumulators", model.accumulators);
      json.put("scalerCount", model.scaler.count);
      json.put("scalerMean", model.scaler.mean);
      json.put("scalerM2", model.scaler.m2);
    }
    return json;
  }

  private record Place(int row, int column) {
    double weight(ModelState model) {
      return model.weights[row][column];
    }
  }

  private static List<Place> largest(ModelState model) {
    List<Place> places = new ArrayList<>();
    for (int row = 0; row < model.weights.length; row++) {
      for (int column = 0; column < model.weights[row].length; column++) {
        if (model.weights[row][column] != 0) {
          places.add(new Place(row, column));
        }
      }
    }
    places.sort(Comparator.comparingDouble(place -> -Math.abs(place.weight(model))));
    return places.subList(0, Math.min(WEIGHTS_SHOWN, places.size()));
  }

  private static String figure(OptionalDouble figure) {
    return figure.isPresent() ? String.format(Locale.ROOT, "%.4f", figure.getAsDouble()) : "none";
  }
}

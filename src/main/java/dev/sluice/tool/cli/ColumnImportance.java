package dev.sluice.tool.cli;

import dev.sluice.model.ModelState;
import dev.sluice.tool.savepoint.Challengers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How much a column matters in a key's model: how far apart a number that is one deviation above
 * its mean, or a text that is there, moves the scores of two outputs, or how far it moves the value
 * in regression. What the challengers started from counts with what they learned, in the mean over
 * the challengers by their weights in the mixture. A text in a hashed column moves them as much,
 * whatever its sign.
 */
record ColumnImportance(int column, double importance) {

  /** The most important one first. */
  static final Comparator<ColumnImportance> LARGEST_FIRST =
      Comparator.comparingDouble(ColumnImportance::importance)
          .reversed()
          .thenComparing(ColumnImportance::column);

  /**
   * Of every column that has a weight: those of the challengers' own in the order in which they are
   * stored, then those of the start alone.
   *
   * @param weights of the models in the mixture, the champion's first
   */
  static List<ColumnImportance> of(ModelState model, double[] weights, Challengers challengers) {
    List<ColumnImportance> all = new ArrayList<>();
    for (int column : model.columns) {
      all.add(new ColumnImportance(column, mean(model, weights, challengers, column)));
    }
    for (int column : model.start.columns()) {
      if (Arrays.binarySearch(model.columns, column) < 0) {
        all.add(new ColumnImportance(column, mean(model, weights, challengers, column)));
      }
    }
    return all;
  }

  private static double mean(
      ModelState model, double[] weights, Challengers challengers, int column) {
    double sum = 0;
    double all = 0;
    for (int i = 0; i < model.learned.challengers(); i++) {
      double weight = weights[1 + i];
      all += weight;
      sum += weight * spread(model, challengers, i, column);
    }
    return sum / all;
  }

  private static double spread(
      ModelState model, Challengers challengers, int challenger, int column) {
    boolean values = challengers.labels().isEmpty();
    int place = Arrays.binarySearch(model.columns, column);
    int before = Arrays.binarySearch(model.start.columns(), column);
    double own = values ? Math.sqrt(model.target.variance) : 1;
    double started =
        challengers.knownName(column).isPresent() && model.scaler.count(column) > 0
            ? model.scaler.deviation(column)
            : 1;
    double least = values ? 0 : Double.POSITIVE_INFINITY;
    double most = values ? 0 : Double.NEGATIVE_INFINITY;
    for (int row = 0; row < model.learned.outputs(); row++) {
      double score = place < 0 ? 0 : own * model.learned.weight(challenger, row, place);
      if (before >= 0 && !model.start.isNone()) {
        score += started * model.start.weights()[row][before];
      }
      least = Math.min(least, score);
      most = Math.max(most, score);
    }
    return most - least;
  }
}

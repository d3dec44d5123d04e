package dev.sluice.tool.scoring;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the columns lose by key, and the AUC of one of them. Holds a sum a column of each key up to
 * a number of keys and characters, and ranks of as many of the first keys as leave memory for it.
 * Owned by one thread.
 */
public final class KeyBoard {

  private final LabelIds ids;
  private final Columns columns;
  private final Bounds bounds;
  private final int mostRanked;
  private final Map<String, Sums> keys = new HashMap<>();
  private long chars;

  /**
   * What is summed.
   *
   * @param models by name, in the order in which they are shown
   * @param ranked the model whose AUC is counted
   */
  public record Columns(List<String> models, String ranked) {}

  /**
   * How many keys are kept.
   *
   * @param keys at most
   * @param chars of all of them together at most
   */
  public record Bounds(int keys, long chars) {}

  /**
   * A key.
   *
   * @param n its outcomes
   * @param auc of the ranked model; empty if one label came alone, of more keys than are ranked,
   *     and in regression
   * @param means log loss, or absolute error of values, by model; NaN where it predicted nothing
   */
  public record OfKey(String key, long n, OptionalDouble auc, Map<String, Double> means) {

    /** One figure; NaN if there is none of that name. */
    public double mean(String model) {
      return means.getOrDefault(model, Double.NaN);
    }
  }

  /** Counts, and what a key's columns add up to. */
  private static final class Sums {
    private final double[] sums;
    private final long[] counts;
    private final @Nullable LabelTally ranks;
    private long n;

    Sums(int columns, @Nullable LabelTally ranks) {
      this.sums = new double[columns];
      this.counts = new long[columns];
      this.ranks = ranks;
    }
  }

  /** {@code labels}: in the order of the outputs; none in regression. */
  public KeyBoard(List<String> labels, Columns columns, Bounds bounds) {
    this.ids = new LabelIds(labels);
    this.columns = columns;
    this.bounds = bounds;
    this.mostRanked = LabelTally.mostRanked(labels.size());
  }

  /** Counts what was predicted of a key; nothing if it is one too many. */
  public void add(String key, Truth truth, List<Column> predicted) {
    Sums sums = sums(key);
    if (sums == null) {
      return;
    }
    sums.n++;
    for (Column column : predicted) {
      int at = columns.models.indexOf(column.model());
      if (at >= 0) {
        sums.sums[at] += lost(truth, column);
        sums.counts[at]++;
      }
      if (sums.ranks != null && column.model().equals(columns.ranked)) {
        sums.ranks.add(truth, column);
      }
    }
  }

  private double lost(Truth truth, Column column) {
    return ids.labels().isEmpty() ? Math.abs(column.outputs()[0] - truth.value()) : column.loss();
  }

  private @Nullable Sums sums(String key) {
    Sums known = keys.get(key);
    if (known == null && keys.size() < bounds.keys && chars + key.length() <= bounds.chars) {
      LabelTally ranks = keys.size() < mostRanked ? new LabelTally(ids, mostRanked) : null;
      known = new Sums(columns.models.size(), ranks);
      keys.put(key, known);
      chars += key.length();
    }
    return known;
  }

  /** Every key, in no order. */
  public Stream<OfKey> all() {
    return keys.entrySet().stream().map(key -> of(key.getKey(), key.getValue()));
  }

  /**
   * Of the keys with the most outcomes so many, those that a figure is highest for first; those
   * without one come last.
   */
  public List<OfKey> largest(int most, ToDoubleFunction<OfKey> figure) {
    return keys.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, Sums> key) -> -key.getValue().n)
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .map(key -> of(key.getKey(), key.getValue()))
        .sorted(worstFirst(figure))
        .toList();
  }

  /** Those that a figure is highest for first; those without one come last. */
  public static Comparator<OfKey> worstFirst(ToDoubleFunction<OfKey> figure) {
    return Comparator.comparingDouble((OfKey key) -> -figure.applyAsDouble(key))
        .thenComparing(OfKey::key);
  }

  private OfKey of(String key, Sums sums) {
    Map<String, Double> means = new LinkedHashMap<>();
    for (int i = 0; i < columns.models.size(); i++) {
      means.put(columns.models.get(i), sums.sums[i] / sums.counts[i]);
    }
    OptionalDouble auc =
        sums.ranks == null || sums.ranks.isEmpty() ? OptionalDouble.empty() : sums.ranks.auc();
    return new OfKey(key, sums.n, auc, means);
  }
}

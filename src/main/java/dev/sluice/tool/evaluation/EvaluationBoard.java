package dev.sluice.tool.evaluation;

import dev.sluice.event.Target;
import dev.sluice.tool.scoring.Column;
import dev.sluice.tool.scoring.ModelBoard;
import dev.sluice.tool.scoring.ModelScore;
import dev.sluice.tool.scoring.SpanScore;
import dev.sluice.tool.scoring.Truth;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scores the columns of an offline run: over all of it, by time and by key. Memory is bounded but
 * for the keys, of each of which a sum a column is kept. Owned by one thread.
 */
public final class EvaluationBoard {

  private static final String SERVED = "served";
  private static final String CONSTANT = "constant";

  private final List<String> labels;
  private final ModelBoard models;
  private final Map<String, KeySums> keys = new HashMap<>();
  private List<String> names = List.of();
  private long n;
  private long servedByChampion;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  /**
   * @param labels in the order of the outputs; empty in regression
   * @param every how long a span of time is; null for none
   * @param columns how many models there are
   */
  public EvaluationBoard(List<String> labels, @Nullable Duration every, int columns) {
    this.labels = List.copyOf(labels);
    this.models = new ModelBoard(labels, every, columns);
  }

  /**
   * A key.
   *
   * @param n its outcomes
   * @param means log loss, or absolute error of values, by model
   */
  public record OfKey(String key, long n, Map<String, Double> means) {}

  /** Counts, and what a key's columns add up to. */
  private static final class KeySums {
    private final double[] sums;
    private long n;

    KeySums(int columns) {
      sums = new double[columns];
    }
  }

  /**
   * Counts one prediction; all have the same columns.
   *
   * @throws IllegalArgumentException if there are too many spans of time
   */
  void add(Judged judged) {
    List<Column> columns = judged.columns();
    if (n == 0) {
      names = columns.stream().map(Column::model).toList();
    }
    Truth truth = truth(judged);
    models.add(judged.observedMs(), truth, columns);
    KeySums key = keys.computeIfAbsent(judged.key(), k -> new KeySums(names.size()));
    n++;
    key.n++;
    for (int i = 0; i < names.size(); i++) {
      key.sums[i] += mean(truth, columns.get(i));
    }
    servedByChampion += judged.servedByChampion() ? 1 : 0;
    firstMs = Math.min(firstMs, judged.observedMs());
    lastMs = Math.max(lastMs, judged.observedMs());
  }

  private double mean(Truth truth, Column column) {
    return labels.isEmpty() ? Math.abs(column.outputs()[0] - truth.value()) : column.loss();
  }

  private static Truth truth(Judged judged) {
    return new Truth(
        judged.observedMs(),
        judged.target() instanceof Target.Label of ? of.name() : null,
        judged.target() instanceof Target.Value of ? of.value() : Double.NaN);
  }

  /** How many predictions there are. */
  public long size() {
    return n;
  }

  /** Of how many of them the champion's prediction was served. */
  public long servedByChampion() {
    return servedByChampion;
  }

  /** The earliest and the latest observation that counts; there must be one. */
  public List<Instant> times() {
    return List.of(Instant.ofEpochMilli(firstMs), Instant.ofEpochMilli(lastMs));
  }

  /** Each model's figures, in the order of the columns. */
  public List<ModelScore> models() {
    return models.models();
  }

  /** The spans of time that are not empty, in their order; observations count. */
  public List<SpanScore> spans() {
    return models.spans();
  }

  /** Whether there are so many labels and models that the AUC by time is left out. */
  public boolean isWithoutRanksByTime() {
    return models.isWithoutRanksByTime();
  }

  /** Those keys that were served worst compared with their constant, the worst first. */
  public List<OfKey> worstKeys(int most) {
    return keys.entrySet().stream()
        .sorted(
            Comparator.comparingDouble((Map.Entry<String, KeySums> key) -> -excess(key.getValue()))
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .map(key -> means(key.getKey(), key.getValue()))
        .toList();
  }

  private OfKey means(String name, KeySums key) {
    Map<String, Double> means = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      means.put(names.get(i), key.sums[i] / key.n);
    }
    return new OfKey(name, key.n, means);
  }

  /** How many keys were served better than by their constant. */
  public long keysBetterThanConstant() {
    return keys.values().stream().filter(key -> excess(key) < 0).count();
  }

  private double excess(KeySums key) {
    int served = names.indexOf(SERVED);
    int constant = names.indexOf(CONSTANT);
    return served < 0 || constant < 0
        ? Double.NaN
        : (key.sums[served] - key.sums[constant]) / key.n;
  }
}

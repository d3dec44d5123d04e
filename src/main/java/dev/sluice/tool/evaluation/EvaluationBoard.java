package dev.sluice.tool.evaluation;

import dev.sluice.event.Target;
import dev.sluice.tool.evaluation.Judged.Column;
import dev.sluice.tool.scoring.Calibration;
import dev.sluice.tool.scoring.EvaluationRow;
import dev.sluice.tool.scoring.Score;
import dev.sluice.tool.scoring.Tally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Scores the columns of an offline run: over all of it, by time and by key. Memory is bounded:
 * ranks, probabilities and errors are counted in bins, the more coarsely the more spans of time
 * there are. Owned by one thread.
 */
public final class EvaluationBoard {

  /** Of time. */
  static final int MOST_SPANS = 400;

  /** Tallies of spans share the memory of one. */
  private static final int SPANS_AT_ONCE = 64;

  private final List<String> labels;
  private final @Nullable Duration every;
  private final Map<String, ModelTally> models = new LinkedHashMap<>();
  private final TreeMap<Long, Map<String, Tally>> spans = new TreeMap<>();
  private final Map<String, KeySums> keys = new HashMap<>();
  private long n;
  private long servedByChampion;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  /**
   * @param labels in the order of the outputs; empty in regression
   * @param every how long a span of time is; null for none
   */
  public EvaluationBoard(List<String> labels, @Nullable Duration every) {
    this.labels = List.copyOf(labels);
    this.every = every;
  }

  /**
   * One model over all of the run.
   *
   * @param model its name
   * @param score its figures
   * @param calibration the expected calibration error; NaN where there are no probabilities
   * @param reliability how often what it said happened; empty where there are no probabilities
   * @param errors the absolute error that a share of all does not exceed, by share; empty of labels
   */
  public record OfModel(
      String model,
      Score score,
      double calibration,
      List<Calibration.Bin> reliability,
      Map<String, Double> errors) {}

  /**
   * A span of time.
   *
   * @param from when it begins; observations count
   * @param scores by model
   */
  public record OfSpan(Instant from, Map<String, Score> scores) {}

  /**
   * A key.
   *
   * @param n its outcomes
   * @param means log loss, or absolute error of values, by model
   */
  public record OfKey(String key, long n, Map<String, Double> means) {}

  /** Counts, and what a key's columns add up to. */
  private static final class KeySums {
    private final Map<String, Double> sums = new LinkedHashMap<>();
    private long n;

    private OfKey mean(String key) {
      Map<String, Double> means = new LinkedHashMap<>();
      sums.forEach((model, sum) -> means.put(model, sum / n));
      return new OfKey(key, n, means);
    }
  }

  /** All figures of one model. */
  private final class ModelTally {
    private final Tally tally = Tally.of(labels, 1);
    private final Calibration calibration = new Calibration();
    private final ErrorQuantiles errors = new ErrorQuantiles();
    private boolean probabilities = !labels.isEmpty();

    private void add(EvaluationRow row, Column column) {
      tally.add(row, said(column));
      probabilities &= column.probabilities();
      if (labels.isEmpty()) {
        errors.add(Math.abs(column.outputs()[0] - row.value()));
      } else {
        int said = labels.size() == 2 ? 1 : most(column.outputs());
        calibration.add(column.outputs()[said], labels.get(said).equals(row.label()));
      }
    }

    private OfModel result(String model) {
      Map<String, Double> quantiles = new LinkedHashMap<>();
      if (labels.isEmpty()) {
        quantiles.put("p50", errors.at(0.5));
        quantiles.put("p90", errors.at(0.9));
        quantiles.put("p99", errors.at(0.99));
      }
      return new OfModel(
          model,
          tally.score(),
          probabilities ? calibration.expectedError() : Double.NaN,
          probabilities ? calibration.reliability() : List.of(),
          quantiles);
    }
  }

  /**
   * Counts one prediction.
   *
   * @throws UncheckedIOException if there are too many spans of time
   */
  void add(Judged judged) {
    EvaluationRow row = row(judged);
    Map<String, Tally> span = span(judged.observedMs());
    KeySums key = keys.computeIfAbsent(judged.key(), k -> new KeySums());
    n++;
    key.n++;
    servedByChampion += judged.servedByChampion() ? 1 : 0;
    firstMs = Math.min(firstMs, judged.observedMs());
    lastMs = Math.max(lastMs, judged.observedMs());
    for (Column column : judged.columns()) {
      models.computeIfAbsent(column.model(), m -> new ModelTally()).add(row, column);
      key.sums.merge(column.model(), mean(row, column), Double::sum);
      if (span != null) {
        span.computeIfAbsent(column.model(), m -> Tally.of(labels, SPANS_AT_ONCE))
            .add(row, said(column));
      }
    }
  }

  private @Nullable Map<String, Tally> span(long observedMs) {
    if (every == null) {
      return null;
    }
    long from = Math.floorDiv(observedMs, every.toMillis()) * every.toMillis();
    Map<String, Tally> span = spans.computeIfAbsent(from, f -> new LinkedHashMap<>());
    if (spans.size() > MOST_SPANS) {
      throw new UncheckedIOException(
          new IOException(
              "the observations span more than %s times --every (%s): take a longer one"
                  .formatted(MOST_SPANS, every)));
    }
    return span;
  }

  private double mean(EvaluationRow row, Column column) {
    return labels.isEmpty() ? Math.abs(column.outputs()[0] - row.value()) : column.loss();
  }

  private EvaluationRow.Said said(Column column) {
    return new EvaluationRow.Said(labels, column.outputs(), column.loss());
  }

  private EvaluationRow row(Judged judged) {
    String label = judged.target() instanceof Target.Label of ? of.name() : null;
    double value = judged.target() instanceof Target.Value of ? of.value() : Double.NaN;
    return new EvaluationRow(
        judged.key(),
        judged.observedMs(),
        0,
        label,
        value,
        judged.servedByChampion(),
        null,
        null,
        said(judged.columns().get(0)));
  }

  private static int most(double[] outputs) {
    int most = 0;
    for (int i = 1; i < outputs.length; i++) {
      most = outputs[i] > outputs[most] ? i : most;
    }
    return most;
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
  public List<OfModel> models() {
    List<OfModel> results = new ArrayList<>();
    models.forEach((name, tally) -> results.add(tally.result(name)));
    return results;
  }

  /** The spans of time that are not empty, in their order. */
  public List<OfSpan> spans() {
    List<OfSpan> results = new ArrayList<>();
    spans.forEach(
        (from, tallies) -> {
          Map<String, Score> scores = new LinkedHashMap<>();
          tallies.forEach((model, tally) -> scores.put(model, tally.score()));
          results.add(new OfSpan(Instant.ofEpochMilli(from), scores));
        });
    return results;
  }

  /** Those keys that were served worst compared with their constant, the worst first. */
  public List<OfKey> worstKeys(int most) {
    return keys.entrySet().stream()
        .map(key -> key.getValue().mean(key.getKey()))
        .sorted(Comparator.comparingDouble((OfKey key) -> -excess(key)).thenComparing(OfKey::key))
        .limit(most)
        .toList();
  }

  /** How many keys were served better than by their constant. */
  public long keysBetterThanConstant() {
    return keys.entrySet().stream()
        .filter(key -> excess(key.getValue().mean(key.getKey())) < 0)
        .count();
  }

  private static double excess(OfKey key) {
    return key.means().getOrDefault("served", Double.NaN)
        - key.means().getOrDefault("constant", Double.NaN);
  }
}

package dev.sluice.model;

import dev.sluice.event.Features;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tribuo.FeatureMap;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.MutableFeatureMap;

/**
 * Location and scale of the columns of training examples: what a linear model learns of scaled
 * columns is folded into weights for the raw ones. To such a model a number that is missing is 0,
 * so it is 0 here, too.
 *
 * <ul>
 *   <li>A number that at least half of the examples have is standardised by mean and standard
 *       deviation over all examples.
 *   <li>One that fewer have is divided by the root mean square of its values and not centred, so
 *       that what is missing stays 0: memory does not grow with columns times examples.
 *   <li>One that never varies is left out, unless all are such; then they get the weight 0.
 *   <li>A text's column stays 0 and 1.
 * </ul>
 *
 * <p>Where the columns are given, there are these and no others; one that no example varies gets
 * the weight 0.
 */
final class ColumnScales {

  /** Below this part of the mean, or in all, a deviation is rounding. */
  private static final double SMALLEST_RELATIVE = 1e-12;

  private static final double SMALLEST = 1e-100;

  private final Map<String, Scale> scales = new TreeMap<>();
  private final Map<String, Scale> centred = new TreeMap<>();
  private final MutableFeatureMap features = new MutableFeatureMap();

  /** A column's; a deviation of infinity makes each of its values 0. */
  private record Scale(double mean, double deviation) {

    private static final Scale OF_TEXTS = new Scale(0, 1);

    /** Halved, since the difference of the largest numbers overflows. */
    double scaled(double value) {
      return 2 * ((value / 2 - mean / 2) / deviation);
    }
  }

  private ColumnScales() {}

  /**
   * Of some examples.
   *
   * @param given the columns' names; empty for those of the examples
   * @throws IllegalArgumentException if no example varies any of the given columns
   */
  static ColumnScales of(Iterable<ChampionTrainer.Example> examples, Set<String> given) {
    ColumnScales scales = measured(examples);
    if (!given.isEmpty()) {
      scales.scales.keySet().retainAll(given);
      scales.centred.keySet().retainAll(given);
      if (scales.scales.isEmpty()) {
        throw new IllegalArgumentException(
            "no example has a column that varies of the (%s) that the champion shall have"
                .formatted(given.size()));
      }
      given.forEach(name -> scales.features.add(name, 0));
    }
    examples.forEach(example -> scales.observe(example.features()));
    return scales;
  }

  private static ColumnScales measured(Iterable<ChampionTrainer.Example> examples) {
    Map<String, Double> largest = largestNumbers(examples);
    Map<String, Moments> moments = new HashMap<>();
    largest.forEach(
        (name, magnitude) -> {
          if (magnitude > 0) {
            moments.put(name, new Moments(magnitude));
          }
        });
    ColumnScales scales = new ColumnScales();
    long size = 0;
    for (ChampionTrainer.Example example : examples) {
      size++;
      TribuoExamples.columns(example.features())
          .forEach(
              (name, value) -> {
                Moments column = moments.get(name);
                if (column != null) {
                  column.add(value);
                } else if (value != 0) {
                  scales.scales.put(name, Scale.OF_TEXTS);
                }
              });
    }
    scales.addNumbers(moments, size);
    return scales;
  }

  /** The largest magnitude of each column that carries a number. */
  private static Map<String, Double> largestNumbers(Iterable<ChampionTrainer.Example> examples) {
    Map<String, Double> largest = new HashMap<>();
    for (ChampionTrainer.Example example : examples) {
      Features features = example.features();
      for (int i = 0; i < features.size(); i++) {
        if (features.isNumber(i)) {
          largest.putIfAbsent(features.names()[i], 0.0);
        }
      }
    }
    for (ChampionTrainer.Example example : examples) {
      TribuoExamples.columns(example.features())
          .forEach(
              (name, value) ->
                  largest.computeIfPresent(name, (n, before) -> Math.max(before, Math.abs(value))));
    }
    return largest;
  }

  private void addNumbers(Map<String, Moments> moments, long size) {
    moments.forEach(
        (name, column) -> {
          boolean dense = column.count() * 2 >= size;
          Moments all = column.withZeros(size);
          Scale scale =
              dense ? new Scale(all.mean(), all.deviation()) : new Scale(0, column.size());
          if (scale.deviation() > SMALLEST
              && scale.deviation() > SMALLEST_RELATIVE * Math.abs(scale.mean())) {
            (dense ? centred : scales).put(name, scale);
          }
        });
    if (centred.isEmpty() && scales.isEmpty()) {
      moments.keySet().forEach(name -> centred.put(name, new Scale(0, Double.POSITIVE_INFINITY)));
    }
    scales.putAll(centred);
  }

  /** What the file will tell about the raw values. */
  private void observe(Features raw) {
    TribuoExamples.columns(raw)
        .forEach(
            (name, value) -> {
              if (value != 0 && scales.containsKey(name)) {
                features.add(name, value);
              }
            });
  }

  /** The columns of an example to train on; those that are 0 for want of a value are left out. */
  Map<String, Double> scaled(Features raw) {
    Map<String, Double> columns = TribuoExamples.columns(raw);
    Map<String, Double> scaled = new TreeMap<>();
    centred.forEach(
        (name, scale) -> scaled.put(name, scale.scaled(columns.getOrDefault(name, 0.0))));
    columns.forEach(
        (name, value) -> {
          Scale scale = scales.get(name);
          if (scale != null && value != 0) {
            scaled.putIfAbsent(name, scale.scaled(value));
          }
        });
    return scaled;
  }

  /** The raw columns, by the names that {@link #scaled} gives them. */
  ImmutableFeatureMap features() {
    return new ImmutableFeatureMap((FeatureMap) features);
  }

  /**
   * Weights over raw columns that give what {@code weights} give over scaled ones.
   *
   * @param weights shape: [outputs][columns + 1], the bias last
   * @param learned the columns of these weights; the result has those of {@link #features}
   * @param target what the outputs were scaled by
   * @throws IllegalArgumentException if a weight is no finite number
   */
  double[][] folded(double[][] weights, ImmutableFeatureMap learned, TargetScale target) {
    ImmutableFeatureMap ids = features();
    double[][] folded = new double[weights.length][];
    for (int row = 0; row < weights.length; row++) {
      double[] raw = new double[ids.size() + 1];
      double bias = weights[row][learned.size()];
      for (int column = 0; column < ids.size(); column++) {
        String name = ids.get(column).getName();
        int from = learned.getID(name);
        if (from >= 0) {
          Scale scale = scales.getOrDefault(name, Scale.OF_TEXTS);
          double weight = weights[row][from] / scale.deviation();
          bias -= weight * scale.mean();
          raw[column] = finite(weight * target.unit(), name);
        }
      }
      raw[ids.size()] = finite(target.location() + bias * target.unit(), "the bias");
      folded[row] = raw;
    }
    return folded;
  }

  private static double finite(double weight, String name) {
    if (!Double.isFinite(weight)) {
      throw new IllegalArgumentException(
          ("the weight of (%s) became (%s): its values or the targets are too large or too small; scale them, or "
                  + "leave the feature out")
              .formatted(name, weight));
    }
    return weight;
  }
}

package dev.sluice.model;

import dev.sluice.event.Features;
import dev.sluice.features.FeatureEncoder;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.Example;
import org.tribuo.Output;
import org.tribuo.impl.ArrayExample;

/** Observations as Tribuo's examples: numbers by name, texts as {@code name=text} with 1. */
final class TribuoExamples {

  private TribuoExamples() {}

  /** The columns of an observation by Tribuo feature name; values that meet add up. */
  static Map<String, Double> columns(Features features) {
    Map<String, Double> columns = new TreeMap<>();
    for (int i = 0; i < features.size(); i++) {
      String name = features.names()[i];
      String text = features.texts()[i];
      if (text == null) {
        columns.merge(name, features.numbers()[i], Double::sum);
      } else {
        columns.merge(FeatureEncoder.column(name, text), 1.0, Double::sum);
      }
    }
    return columns;
  }

  static <T extends Output<T>> Example<T> example(T output, Map<String, Double> columns) {
    String[] names = columns.keySet().toArray(String[]::new);
    double[] values = columns.values().stream().mapToDouble(Double::doubleValue).toArray();
    return new ArrayExample<>(output, names, values);
  }
}

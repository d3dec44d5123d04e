package dev.sluice.bench.contender;

import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.SGDVector;
import org.tribuo.math.la.SparseVector;
import org.tribuo.math.la.Tensor;
import org.tribuo.math.optimisers.AdaGrad;

/** A key's model of {@link PlainFlink}: Tribuo's parameters and optimiser, as they are. */
public final class PlainModel {

  private static final int WIDTH = 128;
  private static final double RATE = 0.05;
  private static final LogMulticlass OBJECTIVE = new LogMulticlass();

  private final List<String> labels;
  private final LinearParameters parameters;
  private final AdaGrad optimiser;

  PlainModel(List<String> labels) {
    this.labels = new ArrayList<>(labels);
    this.parameters = new LinearParameters(WIDTH + 1, labels.size());
    this.optimiser = new AdaGrad(RATE, 1e-6, 1);
    optimiser.initialise(parameters);
  }

  /** Features by hashed columns, and a bias. */
  static Map<Integer, Double> columns(Map<String, Object> features) {
    Map<Integer, Double> columns = new TreeMap<>();
    features.forEach(
        (name, value) -> {
          if (value instanceof Number number) {
            columns.merge(column(name), number.doubleValue(), Double::sum);
          } else {
            columns.merge(column(name + "=" + value), 1.0, Double::sum);
          }
        });
    columns.put(WIDTH, 1.0);
    return columns;
  }

  private static int column(String name) {
    return Math.floorMod(name.hashCode(), WIDTH);
  }

  /** Each label's probability. */
  Map<String, Double> predict(Map<Integer, Double> columns) {
    DenseVector scores = parameters.predict(vector(columns));
    scores.normalize(OBJECTIVE.getNormalizer());
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      probabilities.put(labels.get(i), scores.get(i));
    }
    return probabilities;
  }

  /** One step of stochastic gradient descent. */
  void learn(Map<Integer, Double> columns, String label) {
    SGDVector features = vector(columns);
    Pair<Double, SGDVector> gradient =
        OBJECTIVE.lossAndGradient(labels.indexOf(label), parameters.predict(features));
    Tensor[] steps = optimiser.step(parameters.gradients(gradient, features), 1.0);
    parameters.update(steps);
  }

  private static SGDVector vector(Map<Integer, Double> columns) {
    return SparseVector.createSparseVector(WIDTH + 1, columns);
  }
}

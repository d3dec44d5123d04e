package dev.sluice.model;

import com.oracle.labs.mlrg.olcut.util.Pair;
import dev.sluice.event.Target;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelSettings.Objective;
import java.util.List;
import org.tribuo.common.sgd.SGDObjective;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.SGDVector;

/**
 * One step of Tribuo's stochastic gradient descent on a key's arrays. Sparse gradients are treated
 * as Tribuo does: momentum and AdaDelta decay their whole memory at each step but move only the
 * weights of active columns, AdaGrad touches active columns alone.
 *
 * <p><b>No state becomes NaN or infinite.</b> A step is taken only if every gradient component is
 * at most 1e60 and every active weight and accumulator at most 1e150 in magnitude; otherwise
 * nothing is changed. Within these bounds and those of {@link ModelSettings.Rates},
 *
 * <ul>
 *   <li>SGD moves a weight by at most 1e63 (the rate is at most 1000);
 *   <li>momentum remembers at most 1e150 + 1e60 and moves a weight by 1000 times that;
 *   <li>AdaGrad remembers at most 1e150 + 1e120; as the sum holds the gradient's own square (or, if
 *       that underflows, epsilon is far above the gradient) it moves by at most the rate;
 *   <li>AdaDelta remembers at most 1e150 + 1e120 of gradients; they hold (1 - rho) times the
 *       gradient's own square, so a step is at most the root of (velocity + epsilon) / (1 - rho),
 *       1e79, and adds at most velocity + epsilon to the velocity.
 * </ul>
 *
 * <p>So no number exceeds 1e154 after a step, and what is inactive is only ever multiplied by a
 * number below 1.
 */
final class Learner {

  static final double LARGEST_GRADIENT = 1e60;
  static final double LARGEST_PARAMETER = 1e150;

  private final int columns;
  private final boolean log;
  private final Loss loss;
  private final BoundParameters parameters;
  private final StochasticGradientOptimiser optimiser;

  Learner(ModelSettings settings, List<String> labels, int columns) {
    this.columns = columns;
    this.log = settings.objective() == Objective.LOG;
    this.loss = loss(settings, labels);
    this.parameters = new BoundParameters(Math.max(1, labels.size()), columns + 1);
    this.optimiser = TribuoMaths.optimiser(settings.optimiser(), settings.rates());
    optimiser.initialise(parameters);
  }

  /** Learns one example; false if the step was refused, and then the state is as before. */
  boolean learn(ModelState state, SparseFeatures features, Target target) {
    parameters.bind(state);
    EventVector x = new EventVector(features, columns);
    Pair<Double, SGDVector> gradient = loss.gradient(target, parameters.predict(x));
    if (!isFinite(gradient.getA())
        || !isBounded(gradient.getB(), x.largest())
        || !isBounded(state, x.active())) {
      return false;
    }
    parameters.update(optimiser.step(parameters.gradients(gradient, x), 1.0));
    return true;
  }

  /**
   * Minus infinity is the logarithm of a probability that underflowed: a very wrong and very sure
   * model whose gradient is exact, and which must be able to learn.
   */
  private boolean isFinite(double value) {
    return Double.isFinite(value) || (log && value == Double.NEGATIVE_INFINITY);
  }

  private static boolean isBounded(SGDVector outputGradient, double largestFeature) {
    for (int i = 0; i < outputGradient.size(); i++) {
      double component = outputGradient.get(i) * largestFeature;
      if (!(Math.abs(component) <= LARGEST_GRADIENT)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBounded(ModelState state, int[] active) {
    if (!isBounded(state.weights, active)) {
      return false;
    }
    for (double[][] slot : state.accumulators) {
      if (!isBounded(slot, active)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBounded(double[][] rows, int[] active) {
    for (double[] row : rows) {
      for (int column : active) {
        if (!(Math.abs(row[column]) <= LARGEST_PARAMETER)) {
          return false;
        }
      }
    }
    return true;
  }

  private static Loss loss(ModelSettings settings, List<String> labels) {
    if (settings.objective().isClassification()) {
      SGDObjective<Integer> objective = TribuoMaths.labelObjective(settings);
      return (target, prediction) ->
          objective.lossAndGradient(Losses.labelId(labels, target), prediction);
    }
    SGDObjective<DenseVector> objective = TribuoMaths.valueObjective(settings);
    return (target, prediction) ->
        objective.lossAndGradient(
            DenseVector.createDenseVector(new double[] {Losses.value(target)}), prediction);
  }

  private interface Loss {
    Pair<Double, SGDVector> gradient(Target target, SGDVector prediction);
  }
}

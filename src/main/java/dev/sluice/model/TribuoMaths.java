package dev.sluice.model;

import dev.sluice.model.ModelSettings.Optimiser;
import org.tribuo.classification.sgd.LabelObjective;
import org.tribuo.classification.sgd.objectives.Hinge;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.optimisers.AdaDelta;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.math.optimisers.SGD;
import org.tribuo.regression.sgd.RegressionObjective;
import org.tribuo.regression.sgd.objectives.AbsoluteLoss;
import org.tribuo.regression.sgd.objectives.Huber;
import org.tribuo.regression.sgd.objectives.SquaredLoss;

/** Tribuo's own objects for the job's settings. */
final class TribuoMaths {

  private TribuoMaths() {}

  static LabelObjective labelObjective(ModelSettings settings) {
    return switch (settings.objective()) {
      case LOG -> new LogMulticlass();
      case HINGE -> new Hinge();
      case SQUARED, ABSOLUTE, HUBER ->
          throw new IllegalArgumentException(
              "objective (%s) learns values".formatted(settings.objective().code()));
    };
  }

  static RegressionObjective valueObjective(ModelSettings settings) {
    return valueObjective(settings, 1);
  }

  /** The same for targets that were divided by {@code unit}, but for a factor. */
  static RegressionObjective valueObjective(ModelSettings settings, double unit) {
    return switch (settings.objective()) {
      case SQUARED -> new SquaredLoss();
      case ABSOLUTE -> new AbsoluteLoss();
      case HUBER -> new Huber(settings.huberDelta() / unit);
      case LOG, HINGE ->
          throw new IllegalArgumentException(
              "objective (%s) learns labels".formatted(settings.objective().code()));
    };
  }

  static StochasticGradientOptimiser optimiser(
      Optimiser optimiser, ModelSettings.Rates rates, double learningRate) {
    return switch (optimiser) {
      case SGD -> SGD.getSimpleSGD(learningRate);
      case SGD_MOMENTUM -> SGD.getSimpleSGD(learningRate, rates.momentum(), SGD.Momentum.STANDARD);
      case ADAGRAD -> new AdaGrad(learningRate, rates.epsilon(), rates.initialAccumulator());
      case ADADELTA -> new AdaDelta(rates.rho(), rates.epsilon());
    };
  }
}

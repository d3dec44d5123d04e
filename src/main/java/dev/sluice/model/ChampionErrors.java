package dev.sluice.model;

import dev.sluice.event.Features;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.model.ModelSettings.Objective;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** How far the predictions of a champion, or of a constant in its place, are from the outcomes. */
public sealed interface ChampionErrors {

  /** What decides which of two is better: the lower, the better. */
  double judged();

  /**
   * Of labels.
   *
   * @param logLoss the mean, in nats; scores of a hinge loss go through a softmax first
   * @param accuracy share of right answers
   * @param judged the log loss; under a hinge loss, whose scores are no probabilities, the share of
   *     wrong answers
   */
  record OfLabels(double logLoss, double accuracy, double judged) implements ChampionErrors {}

  /**
   * Of values.
   *
   * @param meanAbsoluteError in the target's unit
   * @param rootMeanSquaredError in the target's unit
   * @param judged the mean of the objective's own loss
   */
  record OfValues(double meanAbsoluteError, double rootMeanSquaredError, double judged)
      implements ChampionErrors {}

  /** A champion's. */
  static ChampionErrors of(Champion champion, ModelSettings settings, List<Example> examples) {
    return of(
        champion::predict,
        new Losses(settings, champion.labels()),
        champion.generatesProbabilities(),
        champion.labels(),
        settings.objective(),
        examples);
  }

  /**
   * Those of the constant that is best on other examples: the share of each label, or, by the
   * objective, mean, median or Huber's location.
   */
  static ChampionErrors ofConstant(
      List<Example> learned, ModelSettings settings, List<Example> examples) {
    List<String> labels = settings.labels();
    double[] constant = labels.isEmpty() ? location(learned, settings) : shares(learned, labels);
    return of(
        unused -> constant,
        new Losses(settings, labels),
        true,
        labels,
        settings.objective(),
        examples);
  }

  private static ChampionErrors of(
      Function<Features, double[]> predictor,
      Losses losses,
      boolean probabilities,
      List<String> labels,
      Objective objective,
      List<Example> examples) {
    double loss = 0;
    double absolute = 0;
    double squared = 0;
    int wrong = 0;
    for (Example example : examples) {
      double[] outputs = predictor.apply(example.features());
      loss += losses.of(outputs, probabilities, example.target());
      if (objective.isClassification()) {
        wrong += first(outputs) == Losses.labelId(labels, example.target()) ? 0 : 1;
      } else {
        double error = Math.abs(outputs[0] - Losses.value(example.target()));
        absolute += error;
        squared += error * error;
      }
    }
    double n = examples.size();
    if (!objective.isClassification()) {
      return new OfValues(absolute / n, Math.sqrt(squared / n), loss / n);
    }
    double share = wrong / n;
    return new OfLabels(loss / n, 1 - share, objective == Objective.LOG ? loss / n : share);
  }

  private static int first(double[] outputs) {
    int first = 0;
    for (int i = 1; i < outputs.length; i++) {
      first = outputs[i] > outputs[first] ? i : first;
    }
    return first;
  }

  private static double[] shares(List<Example> examples, List<String> labels) {
    double[] shares = new double[labels.size()];
    for (Example example : examples) {
      shares[Losses.labelId(labels, example.target())] += 1.0 / examples.size();
    }
    return shares;
  }

  private static double[] location(List<Example> examples, ModelSettings settings) {
    double[] targets = examples.stream().map(Example::target).mapToDouble(Losses::value).toArray();
    double location =
        switch (settings.objective()) {
          case ABSOLUTE -> TargetScale.median(targets);
          case HUBER -> huber(targets, settings.huberDelta());
          case LOG, HINGE, SQUARED -> Moments.of(targets).mean();
        };
    return new double[] {location};
  }

  /** Where the clipped errors add up to 0, by bisection (Huber 1964). */
  private static double huber(double[] targets, double delta) {
    double low = Arrays.stream(targets).min().orElse(0);
    double high = Arrays.stream(targets).max().orElse(0);
    for (int i = 0; i < Double.SIZE; i++) {
      double middle = low / 2 + high / 2;
      double pull = 0;
      for (double target : targets) {
        pull += Math.max(-delta, Math.min(delta, target - middle));
      }
      if (pull > 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low / 2 + high / 2;
  }
}

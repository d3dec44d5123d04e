package dev.sluice.model;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import dev.sluice.event.Features;
import dev.sluice.event.Target;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/**
 * Trains a linear champion offline with Tribuo's own LinearSGDTrainer and AdaGrad. The same
 * examples and parameters give the same bytes on the same machine.
 */
public final class ChampionTrainer {

  private static final double EPSILON = 1e-6;

  private ChampionTrainer() {}

  /**
   * One example to learn from.
   *
   * @param features as an observation carries them
   * @param target as its outcome carries it
   */
  public record Example(Features features, Target target) {}

  /**
   * How to train.
   *
   * @param learningRate AdaGrad's rate, above 0
   * @param epochs passes over the examples, shuffled each time, at least 1
   * @param seed of the shuffling
   * @param initialAccumulator what AdaGrad's sums of squares start with, at least 0
   */
  public record Parameters(double learningRate, int epochs, long seed, double initialAccumulator) {

    public Parameters {
      if (!(learningRate > 0) || epochs < 1 || !(initialAccumulator >= 0)) {
        throw new IllegalArgumentException(
            "learningRate (%s) must be above 0, epochs (%s) at least 1, initialAccumulator (%s) at"
                    .formatted(learningRate, epochs, initialAccumulator)
                + " least 0");
      }
    }
  }

  /**
   * Trains on the objective and for the labels of {@code settings}. All examples are held in
   * memory; one whose features are all zero is left out, as Tribuo can't represent it.
   *
   * @return a {@code Model<Label>} or {@code Model<Regressor>}
   * @throws IllegalArgumentException if there is no example, a label never occurs, or a target is
   *     not of the objective's kind
   */
  public static Model<?> train(
      Iterable<Example> examples, ModelSettings settings, Parameters parameters) {
    StochasticGradientOptimiser optimiser = new StartedAdaGrad(parameters);
    return settings.objective().isClassification()
        ? trainLabels(examples, settings, optimiser, parameters)
        : trainValues(examples, settings, optimiser, parameters);
  }

  /** The protobuf file of a model: what {@link Champion#read} takes. */
  public static byte[] toBytes(Model<?> model) {
    return model.serialize().toByteArray();
  }

  private static Model<Label> trainLabels(
      Iterable<Example> examples,
      ModelSettings settings,
      StochasticGradientOptimiser optimiser,
      Parameters parameters) {
    MutableDataset<Label> dataset = dataset(new LabelFactory());
    Set<String> missing = new HashSet<>(settings.labels());
    for (Example example : examples) {
      String label = settings.labels().get(Losses.labelId(settings.labels(), example.target()));
      if (add(dataset, new Label(label), example.features())) {
        missing.remove(label);
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "no example has the label(s) %s; a champion must have seen every label of the job"
              .formatted(missing));
    }
    return new SgdTrainers.Labels(settings, optimiser, parameters.epochs(), parameters.seed())
        .train(dataset);
  }

  private static Model<Regressor> trainValues(
      Iterable<Example> examples,
      ModelSettings settings,
      StochasticGradientOptimiser optimiser,
      Parameters parameters) {
    MutableDataset<Regressor> dataset = dataset(new RegressionFactory());
    for (Example example : examples) {
      double value = Losses.value(example.target());
      add(dataset, new Regressor(Regressor.DEFAULT_NAME, value), example.features());
    }
    if (dataset.size() == 0) {
      throw new IllegalArgumentException("there is no example to train a champion on");
    }
    return new SgdTrainers.Values(settings, optimiser, parameters.epochs(), parameters.seed())
        .train(dataset);
  }

  private static <T extends Output<T>> MutableDataset<T> dataset(OutputFactory<T> outputs) {
    return new MutableDataset<>(
        new SimpleDataSourceProvenance("events", SgdTrainers.NO_TIME, outputs), outputs);
  }

  private static <T extends Output<T>> boolean add(
      MutableDataset<T> dataset, T output, Features features) {
    Map<String, Double> columns = TribuoExamples.columns(features);
    columns.values().removeIf(value -> value == 0);
    if (columns.isEmpty()) {
      return false;
    }
    dataset.add(TribuoExamples.example(output, columns));
    return true;
  }

  /**
   * AdaGrad whose copy keeps the initial accumulator; Tribuo's trainers use a copy that loses it.
   */
  private static final class StartedAdaGrad extends AdaGrad {

    private final Parameters parameters;

    StartedAdaGrad(Parameters parameters) {
      super(parameters.learningRate(), EPSILON, parameters.initialAccumulator());
      this.parameters = parameters;
    }

    @Override
    public AdaGrad copy() {
      return new StartedAdaGrad(parameters);
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
      return new AdaGrad(parameters.learningRate(), EPSILON, parameters.initialAccumulator())
          .getProvenance();
    }
  }
}

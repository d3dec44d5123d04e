package dev.sluice.model;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import dev.sluice.event.Features;
import dev.sluice.event.Target;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.MutableOutputInfo;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.common.sgd.AbstractLinearSGDModel;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.la.DenseMatrix;
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
   * Trains on the objective and for the labels of {@code settings}, on {@link ColumnScales scaled}
   * columns and a {@link TargetScale scaled} target; the model takes and predicts raw values. All
   * examples are held in memory; one whose columns are all missing is left out, as Tribuo can't
   * represent it.
   *
   * @param examples gone through several times
   * @return a {@code Model<Label>} or {@code Model<Regressor>}
   * @throws IllegalArgumentException if there is no example, a label never occurs, a target is not
   *     of the objective's kind, or a weight is no finite number
   */
  public static Model<?> train(
      Iterable<Example> examples, ModelSettings settings, Parameters parameters) {
    return train(examples, settings, parameters, Set.of());
  }

  /**
   * The same with given columns, those of a champion that a running job has: it takes no other one
   * in its place.
   *
   * @param columns their names, {@link Champion#domain()}; empty for those of the examples
   * @throws IllegalArgumentException also if no example varies any of these columns
   */
  public static Model<?> train(
      Iterable<Example> examples,
      ModelSettings settings,
      Parameters parameters,
      Set<String> columns) {
    ColumnScales scales = ColumnScales.of(examples, columns);
    return settings.objective().isClassification()
        ? trainLabels(examples, settings, parameters, scales)
        : trainValues(examples, settings, parameters, scales);
  }

  /** The protobuf file of a model: what {@link Champion#read} takes. */
  public static byte[] toBytes(Model<?> model) {
    return model.serialize().toByteArray();
  }

  private static Model<Label> trainLabels(
      Iterable<Example> examples,
      ModelSettings settings,
      Parameters parameters,
      ColumnScales columns) {
    MutableDataset<Label> dataset = dataset(new LabelFactory());
    Set<String> missing = new HashSet<>(settings.labels());
    for (Example example : examples) {
      String label = settings.labels().get(Losses.labelId(settings.labels(), example.target()));
      if (add(dataset, new Label(label), columns.scaled(example.features()))) {
        missing.remove(label);
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "no example has the label(s) %s; a champion must have seen every label of the job"
              .formatted(missing));
    }
    StartedAdaGrad optimiser = new StartedAdaGrad(parameters, TargetScale.NONE.gradient());
    SgdTrainers.Labels trainer =
        new SgdTrainers.Labels(settings, optimiser, parameters.epochs(), parameters.seed());
    AbstractLinearSGDModel<Label> scaled = trainer.train(dataset);
    return trainer.createModel(
        scaled.getName(),
        scaled.getProvenance(),
        columns.features(),
        scaled.getOutputIDInfo(),
        folded(scaled, columns, TargetScale.NONE));
  }

  private static Model<Regressor> trainValues(
      Iterable<Example> examples,
      ModelSettings settings,
      Parameters parameters,
      ColumnScales columns) {
    TargetScale target =
        TargetScale.of(
            StreamSupport.stream(examples.spliterator(), false)
                .mapToDouble(example -> Losses.value(example.target()))
                .toArray(),
            settings);
    RegressionFactory outputs = new RegressionFactory();
    MutableDataset<Regressor> dataset = dataset(outputs);
    MutableOutputInfo<Regressor> raw = outputs.generateInfo();
    for (Example example : examples) {
      double value = Losses.value(example.target());
      Regressor scaled = new Regressor(Regressor.DEFAULT_NAME, target.scaled(value));
      if (add(dataset, scaled, columns.scaled(example.features()))) {
        raw.observe(new Regressor(Regressor.DEFAULT_NAME, value));
      }
    }
    if (dataset.size() == 0) {
      throw new IllegalArgumentException("there is no example to train a champion on");
    }
    StartedAdaGrad optimiser = new StartedAdaGrad(parameters, target.gradient());
    SgdTrainers.Values trainer =
        new SgdTrainers.Values(
            settings, target.unit(), optimiser, parameters.epochs(), parameters.seed());
    AbstractLinearSGDModel<Regressor> scaled = trainer.train(dataset);
    return trainer.createModel(
        scaled.getName(),
        scaled.getProvenance(),
        columns.features(),
        raw.generateImmutableOutputInfo(),
        folded(scaled, columns, target));
  }

  private static LinearParameters folded(
      AbstractLinearSGDModel<?> scaled, ColumnScales columns, TargetScale target) {
    double[][] weights = scaled.getWeightsCopy().toArray();
    return new LinearParameters(
        DenseMatrix.createDenseMatrix(columns.folded(weights, scaled.getFeatureIDMap(), target)));
  }

  private static <T extends Output<T>> MutableDataset<T> dataset(OutputFactory<T> outputs) {
    return new MutableDataset<>(
        new SimpleDataSourceProvenance("events", SgdTrainers.NO_TIME, outputs), outputs);
  }

  private static <T extends Output<T>> boolean add(
      MutableDataset<T> dataset, T output, Map<String, Double> columns) {
    if (columns.isEmpty()) {
      return false;
    }
    dataset.add(TribuoExamples.example(output, columns));
    return true;
  }

  /**
   * AdaGrad whose copy keeps the initial accumulator; Tribuo's trainers use a copy that loses it.
   * Its steps are the same for gradients of another unit.
   */
  private static final class StartedAdaGrad extends AdaGrad {

    private final Parameters parameters;
    private final double gradientUnit;

    StartedAdaGrad(Parameters parameters, double gradientUnit) {
      super(
          parameters.learningRate(),
          EPSILON * gradientUnit,
          parameters.initialAccumulator() * gradientUnit * gradientUnit);
      this.parameters = parameters;
      this.gradientUnit = gradientUnit;
    }

    @Override
    public AdaGrad copy() {
      return new StartedAdaGrad(parameters, gradientUnit);
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
      return new AdaGrad(parameters.learningRate(), EPSILON, parameters.initialAccumulator())
          .getProvenance();
    }
  }
}

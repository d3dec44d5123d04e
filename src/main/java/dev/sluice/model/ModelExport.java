package dev.sluice.model;

import dev.sluice.model.ModelState.Challenger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.RealInfo;
import org.tribuo.VariableInfo;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.ensemble.FullyWeightedVotingCombiner;
import org.tribuo.ensemble.EnsembleCombiner;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.ensemble.AveragingCombiner;

/**
 * Makes Tribuo's own models out of a key's challengers: one gives a LinearSGDModel, several a
 * WeightedEnsembleModel of them, whose weights are their weights in the mixture now, rounded to
 * floats as Tribuo keeps them.
 *
 * <p>Features are the champion's domain by name, with raw values: the scaler is folded into the
 * weights. What the champion does not know is hashed, and Tribuo knows no hashing: these features
 * have names that no observation has, sort after the domain, and take standardised values. Three
 * more things the job does and the export does not: a number of the domain that is missing counts
 * as its mean (here as 0), one that is more than ten deviations away is cut, and so is a predicted
 * value.
 *
 * <p>Several hinge challengers are exported with probabilities: those whose logarithms their
 * mixture gives as scores.
 */
final class ModelExport {

  private static final String HASHED = "~hashed-";

  private ModelExport() {}

  /**
   * @param weights of champion and challengers in the mixture
   */
  static Model<?> of(
      ModelSettings settings,
      List<String> labels,
      List<String> domain,
      ModelState state,
      double[] weights) {
    int[] learned = learned(state, domain.size());
    List<String> names = names(domain, learned);
    ImmutableFeatureMap features = features(names);
    Challenger[] challengers = new Challenger[state.learned.challengers()];
    Arrays.setAll(challengers, state.learned::challenger);
    if (settings.objective().isClassification()) {
      ModelSettings mixable =
          state.learned.challengers() > 1 ? settings.withProbabilities() : settings;
      List<Model<Label>> models = new ArrayList<>();
      for (Challenger challenger : challengers) {
        models.add(
            new SgdTrainers.Labels(mixable, optimiser(settings, challenger), 1, 0)
                .model(
                    features,
                    outputs(labels),
                    parameters(state, challenger, learned, names, features)));
      }
      return ensemble(models, new FullyWeightedVotingCombiner(), weights);
    }
    List<Model<Regressor>> models = new ArrayList<>();
    for (Challenger challenger : challengers) {
      models.add(
          new SgdTrainers.Values(settings, optimiser(settings, challenger), 1, 0)
              .model(features, output(), parameters(state, challenger, learned, names, features)));
    }
    return ensemble(models, new AveragingCombiner(), weights);
  }

  private static <T extends Output<T>> Model<T> ensemble(
      List<Model<T>> models, EnsembleCombiner<T> combiner, double[] weights) {
    if (models.size() == 1) {
      return models.get(0);
    }
    float[] rounded = new float[models.size()];
    double sum = Arrays.stream(weights, 1, weights.length).sum();
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) (weights[1 + i] / sum);
    }
    Model<T> first = models.get(0);
    return new WeightedEnsembleModel<>(
        "challengers",
        SgdTrainers.ensemble(models),
        first.getFeatureIDMap(),
        first.getOutputIDInfo(),
        models,
        combiner,
        rounded);
  }

  private static StochasticGradientOptimiser optimiser(
      ModelSettings settings, Challenger challenger) {
    return TribuoMaths.optimiser(settings.optimiser(), settings.rates(), challenger.rate());
  }

  private static LinearParameters parameters(
      ModelState state,
      Challenger challenger,
      int[] learned,
      List<String> names,
      ImmutableFeatureMap features) {
    double[][] weights = unscaled(state, challenger, learned, names.size());
    return new LinearParameters(DenseMatrix.createDenseMatrix(byId(weights, names, features)));
  }

  /** The columns behind the domain that the challengers have weights for, or their start has. */
  private static int[] learned(ModelState state, int domain) {
    return IntStream.concat(Arrays.stream(state.start.columns()), Arrays.stream(state.columns))
        .filter(column -> column >= domain)
        .sorted()
        .distinct()
        .toArray();
  }

  /** Start and challenger in one, for raw values in the domain and values in their own unit. */
  private static double[][] unscaled(
      ModelState state, Challenger challenger, int[] learned, int names) {
    int domain = learned.length == 0 ? names : names - learned.length;
    double[][] whole = new double[challenger.weights().length][names + 1];
    boolean values = whole.length == 1;
    double unit = values ? state.target.deviation() : 1;
    for (int row = 0; row < whole.length; row++) {
      double[] weights = challenger.weights()[row];
      double bias = weights[weights.length - 1] * unit + (values ? state.target.mean : 0);
      if (!state.start.isNone()) {
        int[] started = state.start.columns();
        double[] start = state.start.weights()[row];
        for (int i = 0; i < started.length; i++) {
          whole[row][nameOf(started[i], domain, learned)] = start[i];
        }
        bias += start[started.length];
      }
      for (int place = 0; place < state.columns.length; place++) {
        int column = state.columns[place];
        double weight = weights[place] * unit;
        if (column < domain && state.scaler.count(column) > 0) {
          double deviation = state.scaler.deviation(column);
          weight = deviation > 0 ? weight / deviation : 0;
          bias -= weight * state.scaler.mean(column);
        }
        whole[row][nameOf(column, domain, learned)] += weight;
      }
      whole[row][names] = bias;
    }
    return whole;
  }

  private static int nameOf(int column, int domain, int[] learned) {
    return column < domain ? column : domain + Arrays.binarySearch(learned, column);
  }

  /** Every column's feature name: the hashed ones sort after the whole domain. */
  private static List<String> names(List<String> domain, int[] learned) {
    String last = domain.stream().max(String::compareTo).orElse("");
    String prefix = HASHED.compareTo(last) > 0 ? HASHED : last + HASHED;
    List<String> names = new ArrayList<>(domain);
    for (int column : learned) {
      names.add("%s%07d".formatted(prefix, column - domain.size()));
    }
    if (names.isEmpty()) {
      names.add(prefix); // Tribuo takes no model without a feature
    }
    return names;
  }

  private static ImmutableFeatureMap features(List<String> names) {
    List<VariableInfo> infos = new ArrayList<>();
    for (String name : names) {
      infos.add(new RealInfo(name, 1, 0, 0, 0, 0));
    }
    return new ImmutableFeatureMap(infos);
  }

  /** A copy of the weights in the order of Tribuo's feature ids, which follow the names. */
  private static double[][] byId(
      double[][] weights, List<String> names, ImmutableFeatureMap features) {
    double[][] ordered = new double[weights.length][];
    for (int row = 0; row < weights.length; row++) {
      ordered[row] = weights[row].clone();
      for (int column = 0; column < names.size(); column++) {
        ordered[row][features.getID(names.get(column))] = weights[row][column];
      }
    }
    return ordered;
  }

  private static ImmutableOutputInfo<Label> outputs(List<String> labels) {
    Map<Label, Integer> ids = new LinkedHashMap<>();
    for (String label : labels) {
      ids.put(new Label(label), ids.size());
    }
    return new LabelFactory().constructInfoForExternalModel(ids);
  }

  private static ImmutableOutputInfo<Regressor> output() {
    Regressor value = new Regressor(Regressor.DEFAULT_NAME, 0, 0);
    return new RegressionFactory().constructInfoForExternalModel(Map.of(value, 0));
  }
}

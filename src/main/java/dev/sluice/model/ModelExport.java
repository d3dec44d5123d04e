package dev.sluice.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.RealInfo;
import org.tribuo.VariableInfo;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** Makes Tribuo's LinearSGDModel out of a challenger's weights. */
final class ModelExport {

  private static final String HASHED = "~hashed-";

  private ModelExport() {}

  static Model<?> of(
      ModelSettings settings, List<String> labels, List<String> domain, double[][] weights) {
    List<String> names = names(domain, weights[0].length - 1 - domain.size());
    ImmutableFeatureMap features = features(names);
    LinearParameters parameters =
        new LinearParameters(DenseMatrix.createDenseMatrix(byId(weights, names, features)));
    StochasticGradientOptimiser optimiser =
        TribuoMaths.optimiser(settings.optimiser(), settings.rates());
    return settings.objective().isClassification()
        ? new SgdTrainers.Labels(settings, optimiser, 1, 0)
            .model(features, outputs(labels), parameters)
        : new SgdTrainers.Values(settings, optimiser, 1, 0).model(features, output(), parameters);
  }

  /** Every column's feature name: the hashed ones sort after the whole domain. */
  private static List<String> names(List<String> domain, int width) {
    String last = domain.stream().max(String::compareTo).orElse("");
    String prefix = HASHED.compareTo(last) > 0 ? HASHED : last + HASHED;
    List<String> names = new ArrayList<>(domain);
    for (int slot = 0; slot < width; slot++) {
      names.add("%s%07d".formatted(prefix, slot));
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

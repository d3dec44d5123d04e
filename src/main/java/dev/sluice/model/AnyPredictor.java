package dev.sluice.model;

import dev.sluice.event.Features;
import dev.sluice.features.SparseFeatures;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.regression.Regressor;

/**
 * A champion of any other kind: asks Tribuo's model itself.
 *
 * <p>Tribuo's models throw at an example without a feature that they know. Such an example gets
 * what the model says to the zero vector, its <em>prior</em>; so does any on which a model fails.
 */
final class AnyPredictor<T extends Output<T>> implements Predictor {

  private final Model<T> model;
  private final T unknown;
  private final List<String> labels;
  private final double[] prior;

  /**
   * @param labels the label names by output id; empty in regression
   * @throws RuntimeException whatever the model throws for the zero vector
   */
  AnyPredictor(Model<T> model, T unknown, List<String> labels) {
    this.model = model;
    this.unknown = unknown;
    this.labels = labels;
    String someFeature = model.getFeatureIDMap().iterator().next().getName();
    this.prior = outputs(Map.of(someFeature, 0.0));
  }

  @Override
  public double[] predict(Features features, SparseFeatures encoded) {
    Map<String, Double> known = new TreeMap<>(TribuoExamples.columns(features));
    ImmutableFeatureMap domain = model.getFeatureIDMap();
    known.keySet().removeIf(name -> domain.getID(name) < 0);
    if (known.isEmpty()) {
      return prior.clone();
    }
    try {
      return outputs(known);
    } catch (RuntimeException e) {
      return prior.clone();
    }
  }

  private double[] outputs(Map<String, Double> columns) {
    Prediction<T> prediction = model.predict(TribuoExamples.example(unknown, columns));
    if (prediction.getOutput() instanceof Regressor regressor) {
      return LinearScores.bounded(regressor.getValues().clone());
    }
    Map<String, T> scores = prediction.getOutputScores();
    double[] outputs = new double[labels.size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = scores.get(labels.get(i)) instanceof Label label ? label.getScore() : 0;
    }
    return LinearScores.bounded(outputs);
  }
}

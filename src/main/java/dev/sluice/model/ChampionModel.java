package dev.sluice.model;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.protos.ClassificationLinearSGDProto;
import org.tribuo.common.sgd.AbstractLinearSGDModel;
import org.tribuo.hash.HashedFeatureMap;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.util.NoopNormalizer;
import org.tribuo.math.util.VectorNormalizer;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.sgd.linear.LinearSGDModel;

/**
 * A deserialised model that fits the job.
 *
 * @param labels by output id; empty in regression
 * @param predictor the way to its outputs
 */
record ChampionModel(List<String> labels, Predictor predictor) {

  static ChampionModel adopt(ModelProto proto, Model<?> model, ModelSettings settings) {
    if (model.getFeatureIDMap().size() == 0) {
      throw new ChampionException("the champion knows no feature; train it on some");
    }
    if (model.getFeatureIDMap() instanceof HashedFeatureMap) {
      throw new ChampionException(
          "the champion's feature names are hashed with a salt that its file doesn't hold; train one"
              + " without a HashingTrainer");
    }
    return settings.objective().isClassification()
        ? classifier(proto, model, settings)
        : regressor(model, settings);
  }

  private static ChampionModel classifier(
      ModelProto proto, Model<?> model, ModelSettings settings) {
    if (!model.validate(Label.class)) {
      throw wrongKind(model, settings, "labels", "Label");
    }
    Model<Label> classifier = model.castModel(Label.class);
    List<String> labels = labels(classifier.getOutputIDInfo());
    if (!Set.copyOf(labels).equals(Set.copyOf(settings.labels()))) {
      throw new ChampionException(
          "the champion's labels %s differ from the job's labels %s; set sluice.model.labels or"
                  .formatted(labels, settings.labels())
              + " train a champion on those");
    }
    if (((Model<?>) classifier) instanceof org.tribuo.classification.sgd.linear.LinearSGDModel) {
      return new ChampionModel(labels, linear(classifier, normalizer(proto), labels.size()));
    }
    return new ChampionModel(
        labels, new AnyPredictor<>(classifier, LabelFactory.UNKNOWN_LABEL, labels));
  }

  private static ChampionModel regressor(Model<?> model, ModelSettings settings) {
    if (!model.validate(Regressor.class)) {
      throw wrongKind(model, settings, "values", "Regressor");
    }
    Model<Regressor> regressor = model.castModel(Regressor.class);
    int dimensions = regressor.getOutputIDInfo().size();
    if (dimensions != 1) {
      throw new ChampionException(
          "the champion predicts (%s) values at once; train one that predicts a single value"
              .formatted(dimensions));
    }
    if (((Model<?>) regressor) instanceof LinearSGDModel) {
      return new ChampionModel(List.of(), linear(regressor, new NoopNormalizer(), 1));
    }
    return new ChampionModel(
        List.of(), new AnyPredictor<>(regressor, RegressionFactory.UNKNOWN_REGRESSOR, List.of()));
  }

  private static LinearPredictor linear(Model<?> model, VectorNormalizer normalizer, int outputs) {
    DenseMatrix matrix = ((AbstractLinearSGDModel<?>) model).getWeightsCopy();
    ImmutableFeatureMap features = model.getFeatureIDMap();
    if (matrix.getDimension1Size() != outputs
        || matrix.getDimension2Size() != features.size() + 1) {
      throw new ChampionException(
          "the champion's weights are (%s × %s), but it has (%s) outputs and (%s) features"
              .formatted(
                  matrix.getDimension1Size(),
                  matrix.getDimension2Size(),
                  outputs,
                  features.size()));
    }
    List<String> domain = new ArrayList<>();
    for (int id = 0; id < features.size(); id++) {
      domain.add(features.get(id).getName());
    }
    double[][] weights = matrix.toArray();
    requireFinite(weights);
    return new LinearPredictor(List.copyOf(domain), weights, normalizer);
  }

  private static void requireFinite(double[][] weights) {
    for (double[] row : weights) {
      for (double weight : row) {
        if (!Double.isFinite(weight)) {
          throw new ChampionException(
              "the champion's weights hold (%s); train it again with a smaller learning rate"
                  .formatted(weight));
        }
      }
    }
  }

  private static VectorNormalizer normalizer(ModelProto proto) {
    try {
      return VectorNormalizer.deserialize(
          proto.getSerializedData().unpack(ClassificationLinearSGDProto.class).getNormalizer());
    } catch (InvalidProtocolBufferException e) {
      throw new ChampionException("the champion's normalizer is corrupt: " + e.getMessage(), e);
    }
  }

  private static List<String> labels(ImmutableOutputInfo<Label> outputs) {
    List<String> labels = new ArrayList<>();
    for (int id = 0; id < outputs.size(); id++) {
      labels.add(outputs.getOutput(id).getLabel());
    }
    return List.copyOf(labels);
  }

  private static ChampionException wrongKind(
      Model<?> model, ModelSettings settings, String learns, String right) {
    return new ChampionException(
        "the champion is a model of %s, but the job's objective (%s) learns %s: give a Tribuo"
                .formatted(
                    model.getOutputIDInfo().getOutput(0).getClass().getSimpleName(),
                    settings.objective().code(),
                    learns)
            + " Model<"
            + right
            + ">");
  }
}

package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.events;
import static dev.sluice.model.ModelFixtures.features;
import static dev.sluice.model.ModelFixtures.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Features;
import dev.sluice.event.Target;
import dev.sluice.model.ModelSettings.Objective;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.liblinear.LibLinearClassificationTrainer;
import org.tribuo.classification.libsvm.LibSVMClassificationTrainer;
import org.tribuo.classification.libsvm.SVMClassificationType;
import org.tribuo.classification.libsvm.SVMClassificationType.SVMMode;
import org.tribuo.classification.mnb.MultinomialNaiveBayesTrainer;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.common.libsvm.KernelType;
import org.tribuo.common.libsvm.SVMParameters;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.hash.HashCodeHasher;
import org.tribuo.hash.HashingTrainer;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.liblinear.LibLinearRegressionTrainer;
import org.tribuo.regression.libsvm.LibSVMRegressionTrainer;
import org.tribuo.regression.libsvm.SVMRegressionType;
import org.tribuo.regression.rtree.CARTRegressionTrainer;
import org.tribuo.regression.slm.LARSLassoTrainer;

class ChampionTest {

  private static final Features STRANGE = features(Map.of("never", "seen", "nor", 3.0));

  @ParameterizedTest
  @EnumSource(Objective.class)
  void linearChampionPredictsBitForBitAsItsModel(Objective objective) throws Exception {
    byte[] bytes = ModelFixtures.linearChampion(objective);
    Champion champion = Champion.read(bytes, 3, settings(objective));
    assertThat(champion.linear()).isTrue();
    assertThat(champion.version()).isEqualTo(3);
    assertThat(champion.bytes()).isEqualTo(bytes).isNotSameAs(bytes);
    assertThat(champion.sha256()).isEqualTo(Champion.sha256(bytes)).hasSize(64);
    assertThat(champion.domain()).contains("distance", "hour=h1", "snow=true", "wind").isSorted();
    Model<?> model = model(bytes);
    for (ModelFixtures.Event event : events(objective, 200, 12)) {
      if (event.features().size() > 0) {
        assertThat(champion.predict(event.features()))
            .isEqualTo(modelOutputs(model, champion.labels(), event.features()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Objective.class)
  void exampleWithoutAKnownFeatureGetsTheBias(Objective objective) {
    Champion champion =
        Champion.read(ModelFixtures.linearChampion(objective), 1, settings(objective));
    double[] prior = champion.predict(STRANGE);
    assertThat(Arrays.stream(prior)).allMatch(Double::isFinite);
    assertThat(champion.predict(features(Map.of()))).isEqualTo(prior);
    double[] bias =
        Arrays.stream(champion.weights()).mapToDouble(row -> row[row.length - 1]).toArray();
    if (objective != Objective.LOG) {
      assertThat(prior).isEqualTo(bias);
    } else {
      assertThat(Arrays.stream(prior).sum()).isBetween(1 - 1e-12, 1 + 1e-12);
    }
  }

  static Stream<Trainer<Label>> classifiers() {
    SVMParameters<Label> svm =
        new SVMParameters<>(new SVMClassificationType(SVMMode.C_SVC), KernelType.RBF);
    svm.setProbability();
    return Stream.of(
        new CARTClassificationTrainer(5),
        new LibLinearClassificationTrainer(),
        new LibSVMClassificationTrainer(svm),
        new MultinomialNaiveBayesTrainer(),
        new RandomForestTrainer<>(
            new CARTClassificationTrainer(5, 0.7f, 1L), new VotingCombiner(), 3));
  }

  @ParameterizedTest
  @MethodSource("classifiers")
  void anyClassifierPredicts(Trainer<Label> trainer) throws Exception {
    byte[] bytes = ChampionTrainer.toBytes(trainer.train(labelled()));
    Champion champion = Champion.read(bytes, 1, settings(Objective.LOG));
    assertThat(champion.linear()).isFalse();
    assertThat(champion.domain()).isEmpty();
    assertThat(champion.labels()).containsExactlyInAnyOrderElementsOf(ModelFixtures.LABELS);
    Model<?> model = model(bytes);
    for (ModelFixtures.Event event : positive(50, 21)) {
      assertThat(champion.predict(event.features()))
          .isEqualTo(modelOutputs(model, champion.labels(), event.features()));
    }
    assertThat(champion.predict(STRANGE))
        .hasSize(3)
        .isEqualTo(champion.predict(features(Map.of())));
    assertLives(champion, Objective.LOG);
  }

  static Stream<Trainer<Regressor>> regressors() {
    return Stream.of(
        new CARTRegressionTrainer(5),
        new LibLinearRegressionTrainer(),
        new LibSVMRegressionTrainer(
            new SVMParameters<>(
                new SVMRegressionType(SVMRegressionType.SVMMode.EPSILON_SVR), KernelType.LINEAR)),
        new LARSLassoTrainer(3));
  }

  @ParameterizedTest
  @MethodSource("regressors")
  void anyRegressorPredicts(Trainer<Regressor> trainer) throws Exception {
    byte[] bytes = ChampionTrainer.toBytes(trainer.train(valued("delay")));
    Champion champion = Champion.read(bytes, 1, settings(Objective.SQUARED));
    assertThat(champion.linear()).isFalse();
    assertThat(champion.labels()).isEmpty();
    Model<?> model = model(bytes);
    for (ModelFixtures.Event event : positive(50, 21)) {
      assertThat(champion.predict(event.features()))
          .isEqualTo(modelOutputs(model, List.of(), event.features()));
    }
    assertThat(champion.predict(STRANGE)).hasSize(1);
    assertLives(champion, Objective.SQUARED);
  }

  @Test
  void modelOverHashedNamesIsRefusedAsItCouldNeverPredict() {
    HashingTrainer<Label> trainer =
        new HashingTrainer<>(
            new LogisticRegressionTrainer(), new HashCodeHasher("salt and pepper"));
    byte[] bytes = ChampionTrainer.toBytes(trainer.train(labelled()));
    assertThatThrownBy(() -> Champion.read(bytes, 1, settings(Objective.LOG)))
        .isInstanceOf(ChampionException.class)
        .hasMessageContaining("hashed with a salt that its file doesn't hold");
  }

  private static void assertLives(Champion champion, Objective objective) {
    OnlineModel model = new OnlineModel(settings(objective), champion);
    ModelState state = model.newState();
    events(objective, 50, 3).forEach(event -> ModelFixtures.live(model, state, event));
    assertThat(state.updates).isEqualTo(50);
    assertThat(state.championLossSum).isPositive();
  }

  /** Multinomial naive Bayes takes features that are not negative only. */
  static List<ModelFixtures.Event> positive(int size, long seed) {
    return events(Objective.LOG, size, seed).stream()
        .map(
            event -> {
              Features f = event.features();
              double[] numbers = Arrays.stream(f.numbers()).map(Math::abs).toArray();
              return new ModelFixtures.Event(
                  new Features(f.names(), f.texts(), numbers), event.target());
            })
        .filter(event -> event.features().size() > 0)
        .toList();
  }

  static MutableDataset<Label> labelled() {
    MutableDataset<Label> dataset =
        new MutableDataset<>(
            new SimpleDataSourceProvenance("test", SgdTrainers.NO_TIME, new LabelFactory()),
            new LabelFactory());
    for (ModelFixtures.Event event : positive(200, 20)) {
      Label label = new Label(((Target.Label) event.target()).name());
      dataset.add(TribuoExamples.example(label, TribuoExamples.columns(event.features())));
    }
    return dataset;
  }

  static MutableDataset<Regressor> valued(String... dimensions) {
    MutableDataset<Regressor> dataset =
        new MutableDataset<>(
            new SimpleDataSourceProvenance("test", SgdTrainers.NO_TIME, new RegressionFactory()),
            new RegressionFactory());
    for (ModelFixtures.Event event : positive(200, 20)) {
      double[] values = new double[dimensions.length];
      Arrays.fill(values, Arrays.stream(event.features().numbers()).sum());
      Regressor value = new Regressor(dimensions, values);
      dataset.add(TribuoExamples.example(value, TribuoExamples.columns(event.features())));
    }
    return dataset;
  }

  static Model<?> model(byte[] bytes) throws Exception {
    return Model.deserialize(ModelProto.parseFrom(bytes));
  }

  private static double[] modelOutputs(Model<?> model, List<String> labels, Features features) {
    Map<String, Double> columns = TribuoExamples.columns(features);
    if (labels.isEmpty()) {
      Example<Regressor> example =
          TribuoExamples.example(RegressionFactory.UNKNOWN_REGRESSOR, columns);
      return model.castModel(Regressor.class).predict(example).getOutput().getValues();
    }
    Map<String, Label> scores =
        model
            .castModel(Label.class)
            .predict(TribuoExamples.example(LabelFactory.UNKNOWN_LABEL, columns))
            .getOutputScores();
    return labels.stream()
        .mapToDouble(label -> Objects.requireNonNull(scores.get(label)).getScore())
        .toArray();
  }
}

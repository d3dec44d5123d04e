package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.features;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.event.Target;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.model.ChampionTrainer.Parameters;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A champion trained on raw numbers, whatever their scale, location and tails. */
class ChampionScalingTest {

  private static final List<String> LABELS = List.of("ontime", "late");
  private static final Parameters DEFAULTS = new Parameters(0.1, 3, 1, 1.0);
  private static final double CONSTANT = Math.log(2); // both labels are equally frequent

  @Test
  void aFeatureOfMean5000AndDeviation1000IsLearned() {
    List<Example> all = labelled(10_000, 1, z -> Map.of("price", 5000 + 1000 * z[0]), 1);
    assertThat(logLoss(train(all.subList(0, 8000)), all.subList(8000, 10_000)))
        .as("log loss; a constant has .693, the true model about .48")
        .isLessThan(0.5);
  }

  @Test
  void scalesFromThousandthsToMillionsAreLearnedAlike() {
    double[] scales = {1e-3, 1, 1e3, 1e6};
    List<Example> all = labelled(10_000, scales.length, z -> scaled(z, scales), 2);
    List<Example> plain =
        labelled(10_000, scales.length, z -> scaled(z, new double[] {1, 1, 1, 1}), 2);
    double loss = logLoss(train(all.subList(0, 8000)), all.subList(8000, 10_000));
    assertThat(loss).isLessThan(0.4);
    assertThat(loss)
        .isCloseTo(
            logLoss(train(plain.subList(0, 8000)), plain.subList(8000, 10_000)), within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1000, 1e-6, 1e9, -1})
  void multiplyingAFeatureChangesNoPrediction(double factor) {
    List<Example> plain = labelled(2000, 2, z -> scaled(z, new double[] {1, 3}), 3);
    List<Example> multiplied =
        labelled(2000, 2, z -> scaled(z, new double[] {factor, 3 * factor}), 3);
    Champion one = train(plain);
    Champion other = train(multiplied);
    for (int i = 0; i < plain.size(); i++) {
      assertThat(other.predict(multiplied.get(i).features()))
          .containsExactly(one.predict(plain.get(i).features()), within(1e-9));
    }
  }

  @Test
  void rareHugeValuesLeaveTheOtherFeatures() {
    Random rare = new Random(4);
    List<Example> all =
        labelled(
            10_000,
            2,
            z -> {
              Map<String, Object> features = scaled(z, new double[] {1, 1});
              features.put("amount", rare.nextInt(500) == 0 ? 1e6 : rare.nextGaussian());
              return features;
            },
            4);
    assertThat(logLoss(train(all.subList(0, 8000)), all.subList(8000, 10_000))).isLessThan(0.45);
  }

  @Test
  void aConstantColumnIsLeftOut() {
    List<Example> all =
        labelled(
            2000,
            1,
            z -> {
              Map<String, Object> features = scaled(z, new double[] {1});
              features.put("always", 5000.0);
              return features;
            },
            5);
    Champion champion = train(all);
    assertThat(champion.domain()).containsExactly("x0");
    assertThat(logLoss(champion, all)).isLessThan(0.5);
  }

  @Test
  void constantsAloneGiveTheBaseRates() {
    List<Example> all = labelled(2000, 1, z -> Map.of("always", 5000.0), 6);
    Champion champion = train(all);
    assertThat(champion.domain()).containsExactly("always");
    assertThat(logLoss(champion, all)).isCloseTo(CONSTANT, within(0.01));
  }

  @Test
  void aNumberThatFewExamplesHaveIsScaledToo() {
    Random present = new Random(7);
    List<Example> all =
        labelled(
            10_000,
            1,
            z -> {
              Map<String, Object> features = scaled(z, new double[] {1e4});
              if (present.nextInt(10) == 0) {
                features.put("discount", 5000 + 1000 * present.nextGaussian());
              }
              return features;
            },
            7);
    Champion champion = train(all.subList(0, 8000));
    assertThat(logLoss(champion, all.subList(8000, 10_000))).isLessThan(0.5);
    assertThat(champion.domain()).containsExactly("discount", "x0");
  }

  @Test
  void theFileIsAPlainTribuoModelOfRawValues() throws Exception {
    List<Example> all = labelled(1000, 2, z -> scaled(z, new double[] {1e-3, 1e6}), 8);
    byte[] bytes = ChampionTrainer.toBytes(ChampionTrainer.train(all, settings(), DEFAULTS));
    Champion champion = Champion.read(bytes, 1, settings());
    var tribuo =
        org.tribuo.Model.deserialize(org.tribuo.protos.core.ModelProto.parseFrom(bytes))
            .castModel(org.tribuo.classification.Label.class);
    for (Example example : all) {
      var said =
          tribuo.predict(
              TribuoExamples.example(
                  org.tribuo.classification.LabelFactory.UNKNOWN_LABEL,
                  TribuoExamples.columns(example.features())));
      for (int i = 0; i < LABELS.size(); i++) {
        assertThat(requireNonNull(said.getOutputScores().get(champion.labels().get(i))).getScore())
            .isEqualTo(champion.predict(example.features())[i]);
      }
    }
    assertThat(((org.tribuo.RealInfo) tribuo.getFeatureIDMap().get("x1")).getMax())
        .as("what the file says of a feature's values")
        .isGreaterThan(5e6);
  }

  @ParameterizedTest
  @CsvSource({
    "SQUARED, 1e-3", "SQUARED, 1", "SQUARED, 1e6",
    "ABSOLUTE, 1e-3", "ABSOLUTE, 1", "ABSOLUTE, 1e6",
    "HUBER, 1e-3", "HUBER, 1", "HUBER, 1e6"
  })
  void targetsOfAnyScaleAreLearned(Objective objective, double scale) {
    List<Example> all = valued(5000, scale, 0.3, 9);
    Champion champion = train(all.subList(0, 4000), settings(objective, 1));
    double error = meanAbsoluteError(champion, all.subList(4000, 5000));
    assertThat(error / scale)
        .as("MAE; that of the noise is .24, that of a constant about 1.8")
        .isLessThan(0.27);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 1e-3, 1, 1e3, 1e9})
  void huberLearnsWithAnyDelta(double delta) {
    List<Example> all = valued(5000, 1, 0.3, 10);
    Champion champion = train(all.subList(0, 4000), settings(Objective.HUBER, delta));
    assertThat(meanAbsoluteError(champion, all.subList(4000, 5000))).isLessThan(0.27);
  }

  @ParameterizedTest
  @CsvSource({"ABSOLUTE, 1", "HUBER, 1"})
  void rareHugeTargetsLeaveTheRest(Objective objective, double delta) {
    List<Example> all = new ArrayList<>(valued(5000, 1, 0.3, 11));
    for (int i = 0; i < all.size(); i += 500) {
      all.set(i, new Example(all.get(i).features(), new Target.Value(1e6)));
    }
    Champion champion = train(all, settings(objective, delta));
    assertThat(meanAbsoluteError(champion, valued(1000, 1, 0.3, 12))).isLessThan(0.5);
  }

  @ParameterizedTest
  @EnumSource(
      value = Objective.class,
      names = {"SQUARED", "ABSOLUTE", "HUBER"})
  void aConstantTargetIsPredicted(Objective objective) {
    List<Example> all =
        valued(1000, 1, 0.3, 13).stream()
            .map(example -> new Example(example.features(), new Target.Value(7e5)))
            .toList();
    Champion champion = train(all, settings(objective, 1));
    assertThat(champion.predict(all.get(3).features())).containsExactly(7e5);
  }

  @Test
  void theLargestNumbersOverflowNothing() {
    Random random = new Random(14);
    List<Example> all =
        labelled(
            500,
            1,
            z -> {
              Map<String, Object> features = scaled(z, new double[] {1});
              features.put("huge", random.nextBoolean() ? 1.7e308 : -1.7e308);
              features.put("tiny", random.nextBoolean() ? 4.9e-324 : 1e-310);
              return features;
            },
            14);
    assertThat(logLoss(train(all), all)).isLessThan(0.5);
  }

  /** Labels by a logistic model of standard normal numbers. */
  private static List<Example> labelled(
      int size,
      int numbers,
      java.util.function.Function<double[], Map<String, ?>> shown,
      long seed) {
    Random random = new Random(seed);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      double[] z = random.doubles(numbers).map(unused -> random.nextGaussian()).toArray();
      double score = 0;
      for (double one : z) {
        score += 2 * one;
      }
      boolean late = random.nextDouble() < 1 / (1 + Math.exp(-score));
      examples.add(
          new Example(features(shown.apply(z)), new Target.Label(LABELS.get(late ? 1 : 0))));
    }
    return examples;
  }

  private static List<Example> valued(int size, double scale, double noise, long seed) {
    Random random = new Random(seed);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      double[] z = {random.nextGaussian(), random.nextGaussian()};
      double value = 10 + 2 * z[0] - z[1] + noise * random.nextGaussian();
      examples.add(
          new Example(
              features(scaled(z, new double[] {1e-3, 1e6})), new Target.Value(value * scale)));
    }
    return examples;
  }

  private static Map<String, Object> scaled(double[] z, double[] scales) {
    Map<String, Object> features = new TreeMap<>();
    for (int i = 0; i < z.length; i++) {
      features.put("x" + i, scales[i] * (z[i] + 5));
    }
    return features;
  }

  private static Champion train(List<Example> examples) {
    return train(examples, settings());
  }

  private static Champion train(List<Example> examples, ModelSettings settings) {
    return Champion.read(
        ChampionTrainer.toBytes(ChampionTrainer.train(examples, settings, DEFAULTS)), 1, settings);
  }

  private static double logLoss(Champion champion, List<Example> examples) {
    Losses losses = new Losses(settings(), champion.labels());
    return mean(
        examples,
        example -> losses.of(champion.predict(example.features()), true, example.target()));
  }

  private static double meanAbsoluteError(Champion champion, List<Example> examples) {
    return mean(
        examples,
        example ->
            Math.abs(champion.predict(example.features())[0] - Losses.value(example.target())));
  }

  private static double mean(List<Example> examples, ToDoubleFunction<Example> figure) {
    return examples.stream().mapToDouble(figure).average().orElseThrow();
  }

  private static ModelSettings settings() {
    return settings(Objective.LOG, 1);
  }

  private static ModelSettings settings(Objective objective, double delta) {
    return new ModelSettings(
        objective,
        delta,
        Optimiser.ADAGRAD,
        ModelSettings.Rates.defaults(),
        objective.isClassification() ? LABELS : List.of(),
        16,
        ModelSettings.Serving.defaults());
  }
}

package dev.sluice.tool.scoring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.evaluation.LabelMetrics;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.baseline.DummyRegressionTrainer;
import org.tribuo.regression.evaluation.RegressionEvaluation;
import org.tribuo.regression.evaluation.RegressionEvaluator;

class ScoreboardTest {

  private static final List<String> LABELS = List.of("a", "b", "c", "d", "e");
  private static final String[] X = {"x"};
  private static final double[] ONE = {1};

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void aucAndAccuracyAreTribuosTiesIncluded(int classes) {
    List<String> labels = LABELS.subList(0, classes);
    Random random = new Random(classes);
    Scoreboard scoreboard = new Scoreboard();
    List<Prediction<Label>> predictions = new ArrayList<>();
    MutableDataset<Label> dataset = dataset(new LabelFactory());
    for (int i = 0; i < 2_000; i++) {
      int truth = random.nextInt(classes);
      double[] scores = scores(random, classes, truth);
      scoreboard.add(labelled(labels.get(truth), new EvaluationRow.Said(labels, scores, 1)));
      Example<Label> example = new ArrayExample<>(new Label(labels.get(truth)), X, ONE);
      dataset.add(example);
      predictions.add(prediction(labels, scores, example));
    }
    LabelEvaluation tribuo =
        new LabelEvaluator()
            .evaluate(
                DummyClassifierTrainer.createMostFrequentTrainer().train(dataset),
                predictions,
                dataset.getProvenance());
    Score.OfLabels ours = (Score.OfLabels) scoreboard.result().orElseThrow().challenger();
    double auc =
        labels.stream()
            .mapToDouble(label -> LabelMetrics.AUCROC(new Label(label), predictions))
            .average()
            .orElseThrow();
    assertThat(ours.auc().orElseThrow()).isCloseTo(auc, within(1e-9));
    assertThat(ours.accuracy()).isCloseTo(tribuo.accuracy(), within(1e-12));
  }

  @Test
  void errorsOfValuesAreTribuos() {
    Random random = new Random(1);
    Scoreboard scoreboard = new Scoreboard();
    List<Prediction<Regressor>> predictions = new ArrayList<>();
    MutableDataset<Regressor> dataset = dataset(new RegressionFactory());
    for (int i = 0; i < 1_000; i++) {
      double truth = 1_000 + random.nextGaussian();
      double predicted = truth + random.nextGaussian() / 2;
      scoreboard.add(
          valued(truth, new EvaluationRow.Said(List.of(), new double[] {predicted}, i % 3)));
      Example<Regressor> example = new ArrayExample<>(new Regressor("y", truth), X, ONE);
      dataset.add(example);
      predictions.add(new Prediction<>(new Regressor("y", predicted), 1, example));
    }
    RegressionEvaluation tribuo =
        new RegressionEvaluator()
            .evaluate(
                DummyRegressionTrainer.createMeanTrainer().train(dataset),
                predictions,
                dataset.getProvenance());
    Score.OfValues ours = (Score.OfValues) scoreboard.result().orElseThrow().challenger();
    assertThat(ours.meanAbsoluteError()).isCloseTo(tribuo.averageMAE(), within(1e-9));
    assertThat(ours.rootMeanSquaredError()).isCloseTo(tribuo.averageRMSE(), within(1e-9));
    assertThat(ours.rSquared().orElseThrow()).isCloseTo(tribuo.averageR2(), within(1e-9));
    assertThat(ours.meanLoss()).isCloseTo(0.999, within(1e-9));
  }

  @Test
  void kappaIsCohensExample() {
    // Cohen's kappa of 20 yes/yes, 5 yes/no, 10 no/yes and 15 no/no is 0.4.
    Scoreboard scoreboard = new Scoreboard();
    int[][] counts = {{20, 5}, {10, 15}};
    for (int truth = 0; truth < 2; truth++) {
      for (int predicted = 0; predicted < 2; predicted++) {
        for (int i = 0; i < counts[truth][predicted]; i++) {
          double[] scores = {1 - predicted, predicted};
          scoreboard.add(labelled(LABELS.get(truth), said(scores)));
        }
      }
    }
    Score.OfLabels score = (Score.OfLabels) scoreboard.result().orElseThrow().challenger();
    assertThat(score.kappa().orElseThrow()).isCloseTo(0.4, within(1e-12));
    assertThat(score.accuracy()).isCloseTo(0.7, within(1e-12));
  }

  @Test
  void servedIsWhicheverServedEachTime() {
    Scoreboard scoreboard = new Scoreboard();
    EvaluationRow.Said right =
        new EvaluationRow.Said(LABELS.subList(0, 2), new double[] {.9, .1}, .1);
    EvaluationRow.Said wrong =
        new EvaluationRow.Said(LABELS.subList(0, 2), new double[] {.2, .8}, 1.6);
    scoreboard.add(new EvaluationRow("k", truth(5), 1, true, null, right, wrong, null));
    scoreboard.add(new EvaluationRow("l", truth(3), 1, false, null, wrong, right, null));
    Scoreboard.Result result = scoreboard.result().orElseThrow();
    assertThat(result.served().meanLoss()).isCloseTo(.1, within(1e-12));
    assertThat(requireNonNull(result.champion()).meanLoss()).isCloseTo(.85, within(1e-12));
    assertThat(result.challenger().meanLoss()).isCloseTo(.85, within(1e-12));
    assertThat(result.servedByChampion()).isEqualTo(1);
    assertThat(result.keys()).isEqualTo(2);
    assertThat(result.from()).isEqualTo(Instant.ofEpochMilli(3));
    assertThat(result.to()).isEqualTo(Instant.ofEpochMilli(5));
    assertThat(result.championsKeys()).isEqualTo(new KeySides.Side(1, 1, .1, 1.6, .1));
    assertThat(result.challengersKeys()).isEqualTo(new KeySides.Side(1, 1, 1.6, .1, .1));
  }

  @Test
  void keysAreCountedUpToABoundAndNoSideIsToldBeyondIt() {
    Scoreboard scoreboard = new Scoreboard();
    EvaluationRow.Said said = said(new double[] {.9, .1});
    for (int i = 0; i <= KeySides.MOST_KEYS; i++) {
      scoreboard.add(new EvaluationRow("key-" + i, truth(0), 0, true, null, said, said, null));
    }
    Scoreboard.Result result = scoreboard.result().orElseThrow();
    assertThat(result.evaluations()).isEqualTo(KeySides.MOST_KEYS + 1L);
    assertThat(result.keys()).isEqualTo(KeySides.MOST_KEYS);
    assertThat(result.moreKeys()).isTrue();
    assertThat(result.championsKeys()).isNull();
    assertThat(result.challengersKeys()).isNull();
  }

  @Test
  void withOneLabelOnlyThereIsNoAucAndNoKappa() {
    Scoreboard scoreboard = new Scoreboard();
    scoreboard.add(labelled("a", said(new double[] {.9, .1})));
    Score.OfLabels score = (Score.OfLabels) scoreboard.result().orElseThrow().served();
    assertThat(score.auc()).isEmpty();
    assertThat(score.kappa()).isEmpty();
    assertThat(scoreboard.result().orElseThrow().champion()).isNull();
    assertThat(scoreboard.result().orElseThrow().challengersKeys()).isNull();
  }

  @Test
  void eachModelHasItsCalibration() {
    Scoreboard scoreboard = new Scoreboard();
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      double p = random.nextDouble();
      String label = random.nextDouble() < p ? "b" : "a";
      EvaluationRow.Said honest = said(new double[] {1 - p, p});
      double boast = p > .5 ? .95 : .05;
      EvaluationRow.Said boastful = said(new double[] {1 - boast, boast});
      Truth truth = new Truth(i, label, Double.NaN);
      scoreboard.add(
          new EvaluationRow(
              "k",
              truth,
              0,
              true,
              honest,
              boastful,
              honest,
              new EvaluationRow.Shadow(2, boastful)));
    }
    List<ModelScore> models = scoreboard.result().orElseThrow().models();
    assertThat(models)
        .extracting(ModelScore::model)
        .containsExactly("champion", "challenger", "served", "shadow 2");
    assertThat(models.get(0).calibration()).isCloseTo(.2, within(.01));
    assertThat(models.get(3).calibration()).isEqualTo(models.get(0).calibration());
    assertThat(models.get(1).calibration()).isLessThan(.015);
    assertThat(models.get(2).reliability()).hasSize(10).isEqualTo(models.get(1).reliability());
  }

  @Test
  void scoresThatAreNoProbabilitiesHaveNoCalibration() {
    Scoreboard scoreboard = new Scoreboard();
    scoreboard.add(labelled("a", said(new double[] {.4, .6})));
    scoreboard.add(labelled("a", said(new double[] {1.5, -.5})));
    ModelScore served = scoreboard.result().orElseThrow().models().get(1);
    assertThat(served.calibration()).isNaN();
    assertThat(served.reliability()).isEmpty();
  }

  @Test
  void valuesHaveQuantilesOfTheirErrors() {
    Scoreboard scoreboard = new Scoreboard();
    for (int i = 1; i <= 100; i++) {
      scoreboard.add(valued(i, new EvaluationRow.Said(List.of(), new double[] {0}, 1)));
    }
    ModelScore challenger = scoreboard.result().orElseThrow().models().get(0);
    assertThat(requireNonNull(challenger.errors().get("p50"))).isCloseTo(50, within(.51));
    assertThat(requireNonNull(challenger.errors().get("p99"))).isCloseTo(99, within(1.0));
  }

  @Test
  void aShadowIsComparedWithWhatPredictedWithIt() {
    Scoreboard scoreboard = new Scoreboard();
    scoreboard.add(withShadow(0, .1, null));
    scoreboard.add(withShadow(1, .4, new EvaluationRow.Shadow(7, lost(.2))));
    scoreboard.add(withShadow(2, .6, new EvaluationRow.Shadow(7, lost(.4))));
    Scoreboard.Result result = scoreboard.result().orElseThrow();
    assertThat(result.shadows()).hasSize(1);
    Shadows.Compared compared = result.shadows().get(0);
    assertThat(compared.version()).isEqualTo(7);
    assertThat(compared.evaluations()).isEqualTo(2);
    assertThat(compared.shadow()).isCloseTo(.3, within(1e-12));
    assertThat(compared.champion()).as("without that of before").isCloseTo(.5, within(1e-12));
    assertThat(result.models().get(3).score().n()).isEqualTo(2);
  }

  @Test
  void onlyTheNewestShadowsAreKeptAndTheOthersCounted() {
    Scoreboard scoreboard = new Scoreboard(Duration.ofDays(1), false);
    for (int version : new int[] {3, 1, 2, 6, 5, 4, 1, 6}) {
      scoreboard.add(withShadow(0, .5, new EvaluationRow.Shadow(version, lost(.5))));
    }
    Scoreboard.Result result = scoreboard.result().orElseThrow();
    assertThat(result.shadows()).extracting(Shadows.Compared::version).containsExactly(6, 5, 4, 3);
    assertThat(result.olderShadows()).isEqualTo(3);
    assertThat(result.models())
        .extracting(ModelScore::model)
        .containsExactlyInAnyOrder(
            "champion", "challenger", "served", "shadow 3", "shadow 4", "shadow 5", "shadow 6");
    assertThat(result.byTime().get(0).scores().keySet())
        .containsExactlyInAnyOrderElementsOf(
            result.models().stream().map(ModelScore::model).toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void spansOfTimeAreOfTheOutcomeOrTheObservation(boolean byObservation) {
    Scoreboard scoreboard = new Scoreboard(Duration.ofHours(1), byObservation);
    EvaluationRow.Said said = said(new double[] {.9, .1});
    for (int i = 0; i < 3; i++) {
      Truth truth = truth(3_600_000L * i + 5);
      scoreboard.add(new EvaluationRow("k", truth, 10, false, null, null, said, null));
    }
    assertThat(scoreboard.result().orElseThrow().byTime())
        .extracting(SpanScore::from)
        .first()
        .isEqualTo(Instant.ofEpochMilli(byObservation ? -3_600_000 : 0));
  }

  @Test
  void manyLabelsHaveNoRanksByTime() {
    List<String> labels = IntStream.range(0, 100).mapToObj(i -> "l" + i).toList();
    Scoreboard scoreboard = new Scoreboard(Duration.ofHours(1), false);
    for (int i = 0; i < 4000; i++) {
      double[] scores = new double[100];
      scores[i % 100] = .5;
      scores[(i + 1) % 100] = .5;
      Truth truth = new Truth(360_000L * i, labels.get(i % 100), Double.NaN);
      EvaluationRow.Said said = new EvaluationRow.Said(labels, scores, 1);
      scoreboard.add(new EvaluationRow("k", truth, 0, false, null, null, said, null));
    }
    Scoreboard.Result result = scoreboard.result().orElseThrow();
    assertThat(result.byTime()).hasSize(400);
    assertThat(result.ranksByTime()).isFalse();
    assertThat(((Score.OfLabels) result.served()).auc().orElseThrow()).isGreaterThan(.9);
    Score.OfLabels first =
        (Score.OfLabels) requireNonNull(result.byTime().get(0).scores().get("served"));
    assertThat(first.auc()).isEmpty();
    assertThat(first.meanLoss()).isOne();
  }

  @Test
  void noEvaluationIsNoResult() {
    assertThat(new Scoreboard().result()).isEmpty();
  }

  @Test
  void labelsThatChangeAreRefused() {
    Scoreboard scoreboard = new Scoreboard();
    scoreboard.add(labelled("a", said(new double[] {.9, .1})));
    assertThatThrownBy(() -> scoreboard.add(labelled("z", said(new double[] {.9, .1}))))
        .hasMessageContaining("(z)")
        .hasMessageContaining("--since");
  }

  /** Rounded, so that there are ties; the true label tends to score higher. */
  private static double[] scores(Random random, int classes, int truth) {
    double[] scores = new double[classes];
    for (int c = 0; c < classes; c++) {
      scores[c] = Math.round((random.nextDouble() + (c == truth ? .3 : 0)) * 50) / 100.0;
    }
    if (classes == 2) {
      scores[0] = 1 - scores[1];
    }
    return scores;
  }

  private static Prediction<Label> prediction(
      List<String> labels, double[] scores, Example<Label> example) {
    Map<String, Label> byLabel = new HashMap<>();
    int best = 0;
    for (int c = 0; c < scores.length; c++) {
      byLabel.put(labels.get(c), new Label(labels.get(c), scores[c]));
      best = scores[c] > scores[best] ? c : best;
    }
    return new Prediction<>(new Label(labels.get(best), scores[best]), byLabel, 1, example, true);
  }

  private static <T extends Output<T>> MutableDataset<T> dataset(OutputFactory<T> outputs) {
    return new MutableDataset<>(new SimpleDataSourceProvenance("test", outputs), outputs);
  }

  private static EvaluationRow.Said said(double[] scores) {
    return new EvaluationRow.Said(LABELS.subList(0, 2), scores, 1);
  }

  private static Truth truth(long timeMs) {
    return new Truth(timeMs, "a", Double.NaN);
  }

  private static EvaluationRow.Said lost(double loss) {
    return new EvaluationRow.Said(LABELS.subList(0, 2), new double[] {.5, .5}, loss);
  }

  private static EvaluationRow withShadow(
      long timeMs, double championLoss, EvaluationRow.@Nullable Shadow shadow) {
    return new EvaluationRow(
        "k", truth(timeMs), 0, true, null, lost(championLoss), lost(.7), shadow);
  }

  private static EvaluationRow labelled(String label, EvaluationRow.Said challenger) {
    return new EvaluationRow(
        "k", new Truth(0, label, Double.NaN), 0, false, null, null, challenger, null);
  }

  private static EvaluationRow valued(double value, EvaluationRow.Said challenger) {
    return new EvaluationRow(
        "k", new Truth(0, null, value), 0, false, null, null, challenger, null);
  }
}

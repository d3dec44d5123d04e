package dev.sluice.tool.scoring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    scoreboard.add(new EvaluationRow("k", 5, 1, "a", Double.NaN, true, null, right, wrong));
    scoreboard.add(new EvaluationRow("l", 3, 1, "a", Double.NaN, false, null, wrong, right));
    Scoreboard.Result result = scoreboard.result().orElseThrow();
    assertThat(result.served().meanLoss()).isCloseTo(.1, within(1e-12));
    assertThat(requireNonNull(result.champion()).meanLoss()).isCloseTo(.85, within(1e-12));
    assertThat(result.challenger().meanLoss()).isCloseTo(.85, within(1e-12));
    assertThat(result.servedByChampion()).isEqualTo(1);
    assertThat(result.keys()).isEqualTo(2);
    assertThat(result.from()).isEqualTo(Instant.ofEpochMilli(3));
    assertThat(result.to()).isEqualTo(Instant.ofEpochMilli(5));
    assertThat(result.championsKeys()).isEqualTo(new Scoreboard.Side(1, 1, .1, 1.6, .1));
    assertThat(result.challengersKeys()).isEqualTo(new Scoreboard.Side(1, 1, 1.6, .1, .1));
  }

  @Test
  void keysAreCountedUpToABoundAndNoSideIsToldBeyondIt() {
    Scoreboard scoreboard = new Scoreboard();
    EvaluationRow.Said said = said(new double[] {.9, .1});
    for (int i = 0; i <= Scoreboard.MOST_KEYS; i++) {
      scoreboard.add(new EvaluationRow("key-" + i, 0, 0, "a", Double.NaN, true, null, said, said));
    }
    Scoreboard.Result result = scoreboard.result().orElseThrow();
    assertThat(result.evaluations()).isEqualTo(Scoreboard.MOST_KEYS + 1L);
    assertThat(result.keys()).isEqualTo(Scoreboard.MOST_KEYS);
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

  private static EvaluationRow labelled(String label, EvaluationRow.Said challenger) {
    return new EvaluationRow("k", 0, 0, label, Double.NaN, false, null, null, challenger);
  }

  private static EvaluationRow valued(double value, EvaluationRow.Said challenger) {
    return new EvaluationRow("k", 0, 0, null, value, false, null, null, challenger);
  }
}

package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.LABELS;
import static dev.sluice.model.ModelFixtures.events;
import static dev.sluice.model.ModelFixtures.features;
import static dev.sluice.model.ModelFixtures.observation;
import static dev.sluice.model.ModelFixtures.outcome;
import static dev.sluice.model.ModelFixtures.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.Answer.Prediction;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelSettings.Rates;
import dev.sluice.model.ModelSettings.Serving;
import dev.sluice.model.ModelSettings.ServingPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.math.la.DenseVector;

class OnlineModelTest {

  @ParameterizedTest
  @EnumSource(Objective.class)
  void warmChallengerPredictsBitForBitWhatItsChampionPredicts(Objective objective) {
    OnlineModel model = withChampion(settings(objective));
    ModelState state = model.newState();
    for (ModelFixtures.Event event : events(objective, 200, 31)) {
      Pending.Predicted pending = model.predict(state, observation(event.features())).pending();
      assertThat(pending.challengerOutputs()).isEqualTo(pending.championOutputs());
    }
    assertThat(state.predictions).isEqualTo(200);
  }

  @Test
  void outputsAreInTheChampionsOrderElseInTheSettings() {
    Champion champion = champion(Objective.LOG);
    assertThat(new OnlineModel(settings(Objective.LOG), champion).labels())
        .isEqualTo(champion.labels());
    assertThat(new OnlineModel(settings(Objective.LOG), null).labels()).isEqualTo(LABELS);
    assertThat(new OnlineModel(settings(Objective.HUBER), null).labels()).isEmpty();
  }

  @Test
  void championOfAnotherKindLeavesChallengersCold() {
    byte[] tree =
        ChampionTrainer.toBytes(new CARTClassificationTrainer().train(ChampionTest.labelled()));
    ModelSettings settings = settings(Objective.LOG);
    OnlineModel model = new OnlineModel(settings, Champion.read(tree, 1, settings));
    ModelState state = model.newState();
    assertThat(state.weights).isDeepEqualTo(new double[3][ModelFixtures.WIDTH + 1]);
    assertThat(state.best).isEqualTo(ServedBy.CHAMPION);
  }

  @Test
  void onlyAdaGradsAccumulatorsStartAboveZero() {
    for (Optimiser optimiser : Optimiser.values()) {
      ModelState state = new OnlineModel(settings(Objective.LOG, optimiser), null).newState();
      assertThat(state.accumulators).hasDimensions(optimiser.slots(), 3);
      double start = optimiser == Optimiser.ADAGRAD ? 1.0 : 0.0;
      for (double[][] slot : state.accumulators) {
        assertThat(Arrays.stream(slot).flatMapToDouble(Arrays::stream)).allMatch(x -> x == start);
      }
    }
  }

  @Test
  void answerCarriesWhatWasServed() {
    OnlineModel model = withChampion(settings(Objective.LOG));
    ModelState state = model.newState();
    state.updates = 4;
    OnlineModel.Answered answered =
        model.predict(state, observation(features(Map.of("distance", 1.5))));
    Prediction answer = answered.answer();
    assertThat(answer.id()).isEqualTo("f-1");
    assertThat(answer.key()).isEqualTo("LAS");
    assertThat(answer.origin().offset()).isEqualTo(7);
    assertThat(answer.timeMs()).isEqualTo(500);
    assertThat(answer.servedBy()).isEqualTo(ServedBy.CHAMPION);
    assertThat(answer.championVersion()).isEqualTo(9);
    assertThat(answer.updates()).isEqualTo(4);
    assertThat(answer.outputs()).isEqualTo(answered.pending().championOutputs());
    assertThat(answered.pending().arrivalMs()).isEqualTo(1_000);
  }

  @Test
  void evaluationScoresWhatWasPredictedThenNotNow() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = model.newState();
    Pending.Predicted pending =
        new Pending.Predicted(
            1,
            500,
            new SparseFeatures(new int[] {2}, new double[] {1}),
            null,
            new double[] {0.2, 0.5, 0.3},
            ServedBy.CHALLENGER,
            0,
            null);
    Evaluation evaluation =
        model.evaluate(state, pending, outcome(new Target.Label("cancelled")), true);
    assertThat(evaluation.challenger().loss()).isEqualTo(-Math.log(0.3));
    assertThat(evaluation.champion()).isNull();
    assertThat(evaluation.delayMs()).isEqualTo(300);
    assertThat(evaluation.learned()).isTrue();
    assertThat(state.updates).isEqualTo(1);
    assertThat(state.weights[2][2]).isPositive();
    assertThat(state.weights[0][2]).isNegative();
  }

  @Test
  void probabilityOfZeroCostsAFiniteLogLoss() {
    Losses losses = new Losses(settings(Objective.LOG), LABELS);
    assertThat(losses.of(new double[] {0, 1, 0}, true, new Target.Label("ontime")))
        .isCloseTo(-Math.log(1e-15), within(1e-9));
  }

  @Test
  void scoresGoThroughASoftmaxForTheLossOnly() {
    OnlineModel model = new OnlineModel(settings(Objective.HINGE), null);
    Pending.Predicted pending =
        new Pending.Predicted(
            1,
            500,
            new SparseFeatures(new int[0], new double[0]),
            null,
            new double[] {1, 3, -2},
            ServedBy.CHALLENGER,
            0,
            null);
    Scored scored =
        model
            .evaluate(model.newState(), pending, outcome(new Target.Label("late")), true)
            .challenger();
    double sum = Math.exp(1) + Math.exp(3) + Math.exp(-2);
    assertThat(scored.loss()).isCloseTo(-Math.log(Math.exp(3) / sum), within(1e-12));
    assertThat(scored.outputs()).containsExactly(1, 3, -2);
  }

  @Test
  void regressionLossesAreTribuosSaveForItsConstant() {
    for (double prediction : new double[] {-4, 0, 0.9, 1, 1.1, 2.6, 50}) {
      for (Objective objective : List.of(Objective.SQUARED, Objective.ABSOLUTE, Objective.HUBER)) {
        ModelSettings settings = settings(objective);
        double tribuos =
            TribuoMaths.valueObjective(settings)
                .lossAndGradient(
                    DenseVector.createDenseVector(new double[] {1}),
                    DenseVector.createDenseVector(new double[] {prediction}))
                .getA();
        double ours =
            new Losses(settings, List.of())
                .of(new double[] {prediction}, false, new Target.Value(1));
        assertThat(ours)
            .isCloseTo(objective == Objective.ABSOLUTE ? tribuos + 0.5 : tribuos, within(1e-12));
      }
    }
  }

  @Test
  void refusedStepLeavesParametersUntouched() {
    OnlineModel model = new OnlineModel(settings(Objective.SQUARED), null);
    ModelState state = model.newState();
    events(Objective.SQUARED, 20, 1).forEach(event -> ModelFixtures.live(model, state, event));
    ModelState before = ModelFixtures.copy(state);
    Pending.Predicted pending =
        model.predict(state, observation(features(Map.of("hour", "h1")))).pending();
    Evaluation evaluation = model.evaluate(state, pending, outcome(new Target.Value(1e100)), true);
    assertThat(evaluation.learned()).isFalse();
    assertThat(state.refusedUpdates).isEqualTo(1);
    assertThat(state.updates).isEqualTo(20);
    assertThat(state.evaluations).isEqualTo(21);
    assertThat(state.weights).isDeepEqualTo(before.weights);
    assertThat(state.accumulators[0]).isDeepEqualTo(before.accumulators[0]);
    ModelFixtures.live(model, state, events(Objective.SQUARED, 1, 2).get(0));
    assertThat(state.updates).isEqualTo(21);
  }

  @Test
  void veryWrongAndVerySureModelCanStillLearn() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = model.newState();
    state.weights[0][ModelFixtures.WIDTH] = 2_000;
    ModelFixtures.live(
        model, state, new ModelFixtures.Event(features(Map.of()), new Target.Label("late")));
    assertThat(state.updates).isEqualTo(1);
    assertThat(state.weights[0][ModelFixtures.WIDTH]).isLessThan(2_000);
  }

  @Test
  void pausedLearningEvaluatesButLearnsNothing() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = model.newState();
    double[][] before = ModelFixtures.copy(state.weights);
    Pending.Predicted pending =
        model.predict(state, observation(features(Map.of("hour", "h1")))).pending();
    Evaluation evaluation =
        model.evaluate(state, pending, outcome(new Target.Label("late")), false);
    assertThat(evaluation.learned()).isFalse();
    assertThat(state.evaluations).isEqualTo(1);
    assertThat(state.updates + state.refusedUpdates).isZero();
    assertThat(state.weights).isDeepEqualTo(before);
  }

  @Test
  void unknownLabelIsRefusedAndNothingIsCounted() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = model.newState();
    Pending.Predicted pending = model.predict(state, observation(features(Map.of()))).pending();
    assertThatThrownBy(
            () -> model.evaluate(state, pending, outcome(new Target.Label("diverted")), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("diverted")
        .hasMessageContaining("[ontime, late, cancelled]");
    assertThat(state.evaluations).isZero();
  }

  @Test
  void bestServesTheLowerFadingLossWithHysteresis() {
    ServingChoice serving = new ServingChoice(new Serving(ServingPolicy.BEST, 0.1, 0.5, 2), true);
    ModelState state = withChampion(settings(Objective.LOG)).newState();
    assertThat(serving.choose(state)).isEqualTo(ServedBy.CHAMPION);

    serving.observe(state, 0, loss(1.0), loss(0.1));
    assertThat(serving.choose(state)).as("too few outcomes").isEqualTo(ServedBy.CHAMPION);
    serving.observe(state, 0, loss(1.0), loss(1.9));
    assertThat(state.championLossSum).isEqualTo(1.5);
    assertThat(state.challengerLossSum).isEqualTo(1.95);
    assertThat(state.lossWeight).isEqualTo(1.5);
    assertThat(serving.choose(state)).isEqualTo(ServedBy.CHAMPION);

    serving.observe(state, 0, loss(1.0), loss(0.65));
    assertThat(state.challengerLossSum).isEqualTo(1.625);
    assertThat(serving.choose(state))
        .as("better, but by less than 10 %")
        .isEqualTo(ServedBy.CHAMPION);

    serving.observe(state, 0, loss(1.0), loss(0.5));
    assertThat(serving.choose(state)).isEqualTo(ServedBy.CHALLENGER);

    serving.observe(state, 0, loss(1.0), loss(1.2));
    assertThat(serving.choose(state))
        .as("worse, but by less than 10 %")
        .isEqualTo(ServedBy.CHALLENGER);
    serving.observe(state, 0, loss(0.1), loss(2.0));
    assertThat(serving.choose(state)).isEqualTo(ServedBy.CHAMPION);
  }

  @Test
  void fixedPoliciesServeTheirModelAndNoChampionMeansTheChallenger() {
    ModelState state = withChampion(settings(Objective.LOG)).newState();
    for (ServedBy best : ServedBy.values()) {
      state.best = best;
      assertThat(choice(ServingPolicy.CHAMPION, true).choose(state)).isEqualTo(ServedBy.CHAMPION);
      assertThat(choice(ServingPolicy.CHALLENGER, true).choose(state))
          .isEqualTo(ServedBy.CHALLENGER);
      for (ServingPolicy policy : ServingPolicy.values()) {
        assertThat(choice(policy, false).choose(state)).isEqualTo(ServedBy.CHALLENGER);
      }
    }
  }

  @Test
  void observationPredictedBeforeTheChampionCameIsNotCompared() {
    ServingChoice serving = choice(ServingPolicy.BEST, true);
    ModelState state = withChampion(settings(Objective.LOG)).newState();
    serving.observe(state, 0, null, loss(0.1));
    assertThat(state.evaluations).isEqualTo(1);
    assertThat(state.challengerLossSum + state.lossWeight).isZero();
  }

  @Test
  void challengerOvertakesAChampionThatFitsBadly() {
    ModelSettings settings =
        new ModelSettings(
            Objective.LOG,
            1,
            Optimiser.ADAGRAD,
            new Rates(0.5, 0.9, 0.95, 1e-6, 0.1),
            LABELS,
            ModelFixtures.WIDTH,
            new Serving(ServingPolicy.BEST, 0.02, 0.99, 20));
    OnlineModel model = withChampion(settings);
    ModelState state = model.newState();
    for (ModelFixtures.Event event : events(Objective.LOG, 300, 44)) {
      String label = ((Target.Label) event.target()).name();
      String turned = label.equals("ontime") ? "cancelled" : "ontime";
      ModelFixtures.live(
          model, state, new ModelFixtures.Event(event.features(), new Target.Label(turned)));
    }
    assertThat(state.best).isEqualTo(ServedBy.CHALLENGER);
    assertThat(state.challengerLossSum).isLessThan(state.championLossSum / 2);
  }

  private static ServingChoice choice(ServingPolicy policy, boolean champion) {
    return new ServingChoice(new Serving(policy, 0.02, 0.999, 20), champion);
  }

  private static Scored loss(double loss) {
    return new Scored(new double[] {1, 0, 0}, loss);
  }

  private static OnlineModel withChampion(ModelSettings settings) {
    return new OnlineModel(settings, champion(settings.objective()));
  }

  private static Champion champion(Objective objective) {
    return Champion.read(ModelFixtures.linearChampion(objective), 9, settings(objective));
  }
}

package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.LABELS;
import static dev.sluice.model.ModelFixtures.events;
import static dev.sluice.model.ModelFixtures.features;
import static dev.sluice.model.ModelFixtures.observation;
import static dev.sluice.model.ModelFixtures.outcome;
import static dev.sluice.model.ModelFixtures.settings;
import static dev.sluice.support.ModelStates.challengers;
import static dev.sluice.support.ModelStates.change;
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
import dev.sluice.support.ModelStates;
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
    assertThat(state.start.isNone()).isTrue();
    assertThat(challengers(state)).hasSize(settings.rates().learningRates().size());
    assertThat(state.best).isEqualTo(ServedBy.CHAMPION);
    assertThat(model.weights(state)[0]).isEqualTo(0.5);
  }

  @Test
  void onlyAdaGradsAccumulatorsStartAboveZero() {
    for (Optimiser optimiser : Optimiser.values()) {
      ModelSettings settings = settings(Objective.LOG, optimiser);
      ModelState state = new OnlineModel(settings, null).newState();
      for (ModelState.Challenger challenger : challengers(state)) {
        assertThat(challenger.accumulators().length).isEqualTo(optimiser.slots());
        double start = optimiser == Optimiser.ADAGRAD ? Math.max(1, 10 * challenger.rate()) : 0.0;
        for (double[][] slot : challenger.accumulators()) {
          assertThat(slot).isDeepEqualTo(new double[][] {{start}, {start}, {start}});
        }
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
    assertThat(answer.servedBy()).isEqualTo(ServedBy.BLEND);
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
            new SparseFeatures(new int[0], new double[0]),
            null,
            new double[0][],
            new double[] {0.2, 0.5, 0.3},
            new double[] {0.2, 0.5, 0.3},
            ServedBy.CHALLENGER,
            0,
            0,
            null);
    Evaluation evaluation =
        model.evaluate(state, pending, outcome(new Target.Label("cancelled")), true);
    assertThat(evaluation.challenger().loss()).isEqualTo(-Math.log(0.3));
    assertThat(evaluation.champion()).isNull();
    assertThat(evaluation.delayMs()).isEqualTo(300);
    assertThat(evaluation.learned()).isTrue();
    assertThat(state.updates).isEqualTo(1);
    assertThat(state.columns).containsExactly(2);
    for (ModelState.Challenger challenger : challengers(state)) {
      assertThat(challenger.weights()[2][0]).isPositive();
      assertThat(challenger.weights()[0][0]).isNegative();
    }
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
        ModelStates.earlier(
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
  void refusedStepLeavesItsChallengerUntouched() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState sound = model.newState();
    events(Objective.LOG, 20, 1).forEach(event -> ModelFixtures.live(model, sound, event));
    change(
        sound,
        1,
        all -> {
          for (double[] row : all.weights()) {
            row[row.length - 1] = 1e151;
          }
        });
    ModelState before = ModelFixtures.copy(sound);
    ModelState state = ModelFixtures.copy(sound);
    ModelFixtures.live(model, state, events(Objective.LOG, 1, 2).get(0));
    assertThat(state.updates).isEqualTo(21);
    assertThat(state.refusedUpdates).isZero();
    double[][] weights = challengers(state)[1].weights();
    assertThat(weights[0][weights[0].length - 1]).isEqualTo(1e151);
    assertThat(challengers(state)[0].weights()).isNotEqualTo(challengers(before)[0].weights());

    for (int i = 0; i < state.learned.challengers(); i++) {
      change(state, i, all -> all.weights()[0][weights[0].length - 1] = 1e151);
    }
    List<String> stuck = ModelFixtures.bits(state).subList(2, 8);
    ModelFixtures.live(model, state, events(Objective.LOG, 1, 3).get(0));
    assertThat(state.updates).isEqualTo(21);
    assertThat(state.refusedUpdates).isEqualTo(1);
    assertThat(ModelFixtures.bits(state).subList(2, 8)).isEqualTo(stuck);
  }

  @Test
  void sumOfSquaresBelowZeroIsNeverLearnedFrom() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = model.newState();
    events(Objective.LOG, 20, 1).forEach(event -> ModelFixtures.live(model, state, event));
    change(state, 1, all -> all.accumulators()[0][0][state.columns.length] = -1000);
    ModelState kept = ModelFixtures.copy(state);
    ModelState read = ModelFixtures.copy(state);
    for (ModelFixtures.Event event : events(Objective.LOG, 20, 2)) {
      ModelFixtures.live(model, kept, event);
      ModelFixtures.live(model, read, event);
      read = ModelFixtures.copy(read);
    }
    assertThat(challengers(kept)[1].weights()).isDeepEqualTo(challengers(state)[1].weights());
    assertThat(ModelFixtures.bits(kept)).isEqualTo(ModelFixtures.bits(read));
  }

  @Test
  void veryWrongAndVerySureModelCanStillLearn() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = model.newState();
    change(state, 0, all -> all.weights()[0][0] = 2_000); // the bias: there is no column yet
    ModelFixtures.live(
        model, state, new ModelFixtures.Event(features(Map.of()), new Target.Label("late")));
    assertThat(state.updates).isEqualTo(1);
    double[] weights = challengers(state)[0].weights()[0];
    assertThat(weights[weights.length - 1]).isGreaterThan(1_900).isLessThan(2_000);
  }

  @Test
  void pausedLearningEvaluatesButLearnsNothing() {
    OnlineModel model = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = model.newState();
    events(Objective.LOG, 9, 1).forEach(event -> ModelFixtures.live(model, state, event));
    Pending.Predicted pending =
        model.predict(state, observation(features(Map.of("hour", "h1")))).pending();
    ModelState before = ModelFixtures.copy(state);
    Evaluation evaluation =
        model.evaluate(state, pending, outcome(new Target.Label("late")), false);
    assertThat(evaluation.learned()).isFalse();
    assertThat(state.evaluations).isEqualTo(10);
    assertThat(state.updates + state.refusedUpdates).isEqualTo(9);
    assertThat(ModelFixtures.bits(state).subList(0, 13))
        .isEqualTo(ModelFixtures.bits(before).subList(0, 13));
    assertThat(model.weights(state)).isEqualTo(model.weights(before));
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
    ServingChoice serving =
        new ServingChoice(new Serving(ServingPolicy.BEST, 0.1, 0.5, 2, List.of(0.01)), true);
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
    for (ServedBy best : List.of(ServedBy.CHAMPION, ServedBy.CHALLENGER)) {
      state.best = best;
      assertThat(choice(ServingPolicy.CHAMPION, true).choose(state)).isEqualTo(ServedBy.CHAMPION);
      assertThat(choice(ServingPolicy.CHALLENGER, true).choose(state))
          .isEqualTo(ServedBy.CHALLENGER);
      for (ServingPolicy policy : ServingPolicy.values()) {
        boolean blend = policy == ServingPolicy.BLEND;
        assertThat(choice(policy, false).choose(state))
            .isEqualTo(blend ? ServedBy.BLEND : ServedBy.CHALLENGER);
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
            new Rates(List.of(0.5), 0.9, 0.95, 1e-6, 0.1),
            LABELS,
            ModelFixtures.WIDTH,
            new Serving(ServingPolicy.BEST, 0.02, 0.99, 20, List.of(0.01)));
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
    return new ServingChoice(new Serving(policy, 0.02, 0.999, 20, List.of(0.01)), champion);
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

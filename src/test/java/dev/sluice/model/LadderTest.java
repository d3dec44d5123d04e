package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.events;
import static dev.sluice.model.ModelFixtures.observation;
import static dev.sluice.model.ModelFixtures.outcome;
import static dev.sluice.model.ModelFixtures.settings;
import static dev.sluice.support.ModelStates.challengers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.event.Features;
import dev.sluice.event.Target;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several challengers of a key: their rates, their weights, and what is in flight. */
class LadderTest {

  @ParameterizedTest
  @CsvSource({"0.1", "0.4", "0.001;0.02;0.1;0.5;1", "0.03;3"})
  void otherRatesContinueFromTheNearestAndKeepTheChampionsWeight(String rates) {
    OnlineModel model = withChampion(settings(Objective.LOG));
    ModelState state = model.newState();
    events(Objective.LOG, 60, 1).forEach(event -> ModelFixtures.live(model, state, event));
    double champion = model.weights(state)[0];
    double[][] learned = challengers(state)[1].weights();

    List<Double> others = Arrays.stream(rates.split(";")).map(Double::valueOf).toList();
    OnlineModel other = withChampion(settings(Objective.LOG).withRates(others));
    double[] weights = other.weights(state);
    assertThat(weights).hasSize(1 + others.size());
    assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
    assertThat(weights[0]).isCloseTo(champion, within(1e-12));
    for (double[] row : state.mixture.weights) {
      assertThat(Arrays.stream(row).sum()).isCloseTo(1, within(1e-12));
    }
    for (ModelState.Challenger challenger : challengers(state)) {
      if (challenger.rate() > 0.05 && challenger.rate() < 0.2) {
        assertThat(challenger.weights()).isDeepEqualTo(learned);
      }
    }
  }

  @Test
  void untriedWeightGoesToTameChallengers() {
    OnlineModel model = withChampion(settings(Objective.LOG).withRates(List.of(0.5, 5.0)));
    double[] weights = model.weights(model.newState());
    assertThat(weights[0]).isCloseTo(0.5, within(1e-12));
    assertThat(weights[1] / weights[2]).isCloseTo(Math.pow(6 / 1.5, 1.5), within(1e-9));

    OnlineModel single = withChampion(settings(Objective.LOG).withRates(List.of(0.5)));
    ModelState state = single.newState();
    events(Objective.LOG, 60, 1).forEach(event -> ModelFixtures.live(single, state, event));
    double before = single.weights(state)[1];
    double[] after = model.weights(state);
    assertThat(after[1] + after[2]).isCloseTo(before, within(1e-12));
    assertThat(after[1] / after[2]).isCloseTo(Math.pow(6 / 1.5, 1.5), within(1e-9));
  }

  @Test
  void championThatComesLaterBeginsWithHalf() {
    OnlineModel without = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = without.newState();
    events(Objective.LOG, 30, 1).forEach(event -> ModelFixtures.live(without, state, event));
    assertThat(without.weights(state)[0]).isZero();
    assertThat(withChampion(settings(Objective.LOG)).weights(state)[0])
        .isCloseTo(0.5, within(1e-12));
  }

  @Test
  void nextChampionBeginsWithTheWeightOfTheLast() {
    OnlineModel model = withChampion(settings(Objective.LOG));
    ModelState state = model.newState();
    events(Objective.LOG, 60, 1).forEach(event -> ModelFixtures.live(model, state, event));
    double before = model.weights(state)[0];
    state.restartLosses();
    assertThat(model.weights(state)[0]).isEqualTo(before);
  }

  @Test
  void outcomesOfTheModelBeforeDoNotWeighTheNext() {
    OnlineModel model = withChampion(settings(Objective.LOG));
    ModelState old = model.newState();
    ModelFixtures.Event event = events(Objective.LOG, 1, 1).get(0);
    Pending.Predicted pending = model.predict(old, observation(event.features())).pending();
    ModelState fresh = model.begunAnew(old);
    double[] before = model.weights(fresh);
    model.evaluate(fresh, pending, outcome(event.target()), true);
    assertThat(model.weights(fresh)).isEqualTo(before);
    assertThat(fresh.updates).as("it is learned").isEqualTo(1);
  }

  @Test
  void outcomesInFlightTeachAResetModelAgainstItsOwnStart() {
    ModelSettings settings = settings(Objective.SQUARED);
    ModelState old = shifted(withChampion(settings).newState(), 1_000);
    OnlineModel model = withChampion(settings);
    List<ModelFixtures.Event> events = events(Objective.SQUARED, 200, 3);
    List<Pending.Predicted> inFlight =
        events.stream()
            .map(event -> model.predict(old, observation(event.features())).pending())
            .toList();
    ModelState fresh = model.newState();
    for (int i = 0; i < inFlight.size(); i++) {
      model.evaluate(fresh, inFlight.get(i), outcome(events.get(i).target()), true);
    }
    assertThat(Math.abs(fresh.target.mean)).isLessThan(50);
  }

  private static ModelState shifted(ModelState state, double by) {
    double[][] weights = ModelState.copyOf(state.start.weights());
    weights[0][weights[0].length - 1] += by;
    return new ModelState(
        new ModelState.Start(state.start.columns(), weights),
        state.columns,
        state.learned,
        state.scaler,
        state.target,
        state.mixture,
        state.best);
  }

  @Test
  void exactOutcomesAtFirstDoNotEndTheWeighing() {
    OnlineModel model = new OnlineModel(settings(Objective.SQUARED), null);
    ModelState state = model.newState();
    Random random = new Random(5);
    for (int i = 0; i < 1_500; i++) {
      double x = random.nextGaussian();
      double y = i < 15 ? 0 : 3 * x + 0.3 * random.nextGaussian();
      ModelFixtures.live(model, state, new ModelFixtures.Event(number(x), new Target.Value(y)));
    }
    assertThat(state.mixture.scale).isBetween(0.001, 10.0);
    assertThat(Arrays.stream(model.weights(state)).max().orElseThrow()).isGreaterThan(0.5);
  }

  @Test
  void firstPredictionsOfAFarTargetDoNotBlindTheMixture() {
    OnlineModel model = new OnlineModel(settings(Objective.SQUARED), null);
    ModelState state = model.newState();
    Random random = new Random(5);
    List<Pending.Predicted> waiting = new ArrayList<>();
    List<Double> targets = new ArrayList<>();
    for (int i = 0; i < 336; i++) {
      double x = random.nextGaussian();
      waiting.add(model.predict(state, observation(number(x))).pending());
      targets.add(1_000 + x);
      if (i >= 36) {
        Target target = new Target.Value(targets.get(i - 36));
        model.evaluate(state, waiting.get(i - 36), outcome(target), true);
      }
    }
    assertThat(state.mixture.scale).isLessThan(10);
  }

  @Test
  void inFlightPredictionsOfOtherRatesDoNotWeighTheNew() {
    OnlineModel slow = new OnlineModel(settings(Objective.LOG), null);
    ModelState state = slow.newState();
    ModelFixtures.Event event = events(Objective.LOG, 1, 1).get(0);
    Pending.Predicted pending = slow.predict(state, observation(event.features())).pending();
    OnlineModel fast =
        new OnlineModel(settings(Objective.LOG).withRates(List.of(0.5, 1.0, 2.0)), null);
    double[] before = fast.weights(state);
    fast.evaluate(state, pending, outcome(event.target()), true);
    assertThat(fast.weights(state)).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"0, 1e9", "2, 1e9", "8, -1e15", "40, 1e12"})
  void oneOutlierDoesNotSpoilAKey(int at, double outlier) {
    OnlineModel model = new OnlineModel(settings(Objective.HUBER), null);
    ModelState state = model.newState();
    Random random = new Random(5);
    double errors = 0;
    for (int i = 0; i < 600; i++) {
      double x = random.nextGaussian();
      double y = i == at ? outlier : 3 * x + 5 + 0.3 * random.nextGaussian();
      Pending.Predicted pending = model.predict(state, observation(number(x))).pending();
      errors += i < 300 ? 0 : Math.abs(pending.servedOutputs()[0] - y) / 300;
      model.evaluate(state, pending, outcome(new Target.Value(y)), true);
    }
    assertThat(errors).isLessThan(1.5);
  }

  @Test
  void adaDeltaHasNoRateAndSoOneChallenger() {
    assertThat(
            new OnlineModel(settings(Objective.LOG, Optimiser.ADADELTA), null)
                .newState()
                .learned
                .challengers())
        .isEqualTo(1);
  }

  private static Features number(double x) {
    return new Features(new String[] {"x"}, new String[1], new double[] {x});
  }

  private static OnlineModel withChampion(ModelSettings settings) {
    return new OnlineModel(
        settings, Champion.read(ModelFixtures.linearChampion(settings.objective()), 1, settings));
  }
}

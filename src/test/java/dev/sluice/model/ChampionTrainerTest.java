package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.events;
import static dev.sluice.model.ModelFixtures.features;
import static dev.sluice.model.ModelFixtures.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Target;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.model.ChampionTrainer.Parameters;
import dev.sluice.model.ModelSettings.Objective;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChampionTrainerTest {

  @ParameterizedTest
  @EnumSource(Objective.class)
  void sameSeedGivesTheSameBytes(Objective objective) {
    assertThat(trained(objective, new Parameters(0.05, 5, 1, 1.0)))
        .isEqualTo(trained(objective, new Parameters(0.05, 5, 1, 1.0)))
        .isNotEqualTo(trained(objective, new Parameters(0.05, 5, 2, 1.0)));
  }

  @Test
  void initialAccumulatorIsNotLostOnTheWay() {
    assertThat(weights(new Parameters(0.05, 1, 1, 100)))
        .isLessThan(weights(new Parameters(0.05, 1, 1, 0)) / 2);
  }

  @Test
  void learnsWhatTheExamplesSay() {
    Champion champion =
        Champion.read(
            trained(Objective.LOG, new Parameters(0.5, 10, 1, 0.1)), 1, settings(Objective.LOG));
    int right = 0;
    List<ModelFixtures.Event> unseen =
        events(Objective.LOG, 500, 77).stream()
            .filter(event -> event.features().toString().contains("hour"))
            .toList();
    for (ModelFixtures.Event event : unseen) {
      double[] outputs = champion.predict(event.features());
      double most = Arrays.stream(outputs).max().orElseThrow();
      int label = champion.labels().indexOf(((Target.Label) event.target()).name());
      right += outputs[label] == most ? 1 : 0;
    }
    assertThat(right).isGreaterThan(unseen.size() * 7 / 10);
  }

  @Test
  void examplesWithoutAValueAreLeftOut() {
    List<Example> examples =
        List.of(
            new Example(features(Map.of("x", 0.0)), new Target.Value(5)),
            new Example(features(Map.of()), new Target.Value(5)),
            new Example(features(Map.of("x", 1.0, "zero", 0.0)), new Target.Value(5)));
    ModelSettings settings = settings(Objective.SQUARED);
    byte[] bytes =
        ChampionTrainer.toBytes(
            ChampionTrainer.train(examples, settings, new Parameters(0.05, 5, 1, 1.0)));
    assertThat(Champion.read(bytes, 1, settings).domain()).containsExactly("x");
  }

  @Test
  void missingLabelAndMissingExamplesAreRefused() {
    List<Example> one = List.of(new Example(features(Map.of("x", 1.0)), new Target.Label("late")));
    assertThatThrownBy(
            () ->
                ChampionTrainer.train(
                    one, settings(Objective.LOG), new Parameters(0.05, 5, 1, 1.0)))
        .hasMessageContaining("no example has the label(s)")
        .hasMessageContaining("cancelled");
    assertThatThrownBy(
            () ->
                ChampionTrainer.train(
                    List.of(), settings(Objective.SQUARED), new Parameters(0.05, 5, 1, 1.0)))
        .hasMessageContaining("no example");
    assertThatThrownBy(
            () ->
                ChampionTrainer.train(
                    one, settings(Objective.SQUARED), new Parameters(0.05, 5, 1, 1.0)))
        .hasMessageContaining("must be a value");
  }

  @Test
  void badParametersAreRefused() {
    assertThatThrownBy(() -> new Parameters(0, 1, 1, 1)).hasMessageContaining("learningRate (0.0)");
    assertThatThrownBy(() -> new Parameters(1, 0, 1, 1)).hasMessageContaining("epochs (0)");
    assertThatThrownBy(() -> new Parameters(1, 1, 1, -1))
        .hasMessageContaining("initialAccumulator (-1.0)");
  }

  private static double weights(Parameters parameters) {
    Champion champion =
        Champion.read(trained(Objective.LOG, parameters), 1, settings(Objective.LOG));
    return Arrays.stream(champion.weights()).flatMapToDouble(Arrays::stream).map(Math::abs).sum();
  }

  private static byte[] trained(Objective objective, Parameters parameters) {
    List<Example> examples =
        events(objective, 300, 50).stream()
            .map(event -> new Example(event.features(), event.target()))
            .toList();
    return ChampionTrainer.toBytes(
        ChampionTrainer.train(examples, settings(objective), parameters));
  }
}

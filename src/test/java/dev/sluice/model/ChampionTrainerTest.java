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
import java.util.Set;
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
  void givenColumnsAreAllThereAndNoOthers() {
    List<Example> examples =
        List.of(
            new Example(features(Map.of("x", 1.0, "y", 1.0)), new Target.Value(5)),
            new Example(features(Map.of("x", 2.0, "y", 5.0)), new Target.Value(7)),
            new Example(features(Map.of("x", 3.0, "y", 2.0)), new Target.Value(9)));
    ModelSettings settings = settings(Objective.SQUARED);
    Parameters parameters = new Parameters(0.5, 20, 1, 1.0);
    Champion given = champion(examples, settings, parameters, Set.of("a", "x", "z"));
    assertThat(given.domain()).containsExactly("a", "x", "z");
    double[] weights = given.weights()[0];
    assertThat(weights[0]).isZero();
    assertThat(weights[2]).isZero();
    Champion alone = champion(examples, settings, parameters, Set.of("x"));
    assertThat(new double[] {weights[1], weights[3]})
        .as("as without the two")
        .isEqualTo(alone.weights()[0]);
    assertThatThrownBy(() -> champion(examples, settings, parameters, Set.of("a")))
        .hasMessageContaining("no example has a column that varies of the (1)");
  }

  private static Champion champion(
      List<Example> examples, ModelSettings settings, Parameters parameters, Set<String> columns) {
    return Champion.read(
        ChampionTrainer.toBytes(ChampionTrainer.train(examples, settings, parameters, columns)),
        1,
        settings);
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

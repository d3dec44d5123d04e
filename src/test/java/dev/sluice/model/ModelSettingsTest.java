package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelSettings.Rates;
import dev.sluice.model.ModelSettings.Serving;
import dev.sluice.model.ModelSettings.ServingPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelSettingsTest {

  @Test
  void codesAreReadBackAndOthersAreRefusedWithTheList() {
    for (Objective objective : Objective.values()) {
      assertThat(Objective.ofCode(objective.code())).isEqualTo(objective);
    }
    for (Optimiser optimiser : Optimiser.values()) {
      assertThat(Optimiser.ofCode(optimiser.code())).isEqualTo(optimiser);
    }
    for (ServingPolicy policy : ServingPolicy.values()) {
      assertThat(ServingPolicy.ofCode(policy.code())).isEqualTo(policy);
    }
    assertThatThrownBy(() -> Objective.ofCode("LOG"))
        .hasMessage(
            "no objective is called (LOG); allowed are log, hinge, squared, absolute, huber");
    assertThatThrownBy(() -> Optimiser.ofCode("adam"))
        .hasMessage(
            "no optimiser is called (adam); allowed are sgd, sgd-momentum, adagrad, adadelta");
    assertThatThrownBy(() -> ServingPolicy.ofCode(""))
        .hasMessage(
            "no serving policy is called (); allowed are blend, champion, challenger, best");
  }

  @Test
  void labelsMustFitTheObjective() {
    assertRefused(Objective.LOG, List.of("one"), 8, "labels (one) must be at least two");
    assertRefused(Objective.HINGE, List.of("a", "a"), 8, "labels (a, a)");
    assertRefused(Objective.LOG, List.of("a", ""), 8, "not empty");
    assertRefused(Objective.SQUARED, List.of("a", "b"), 8, "labels (a, b) must be empty");
  }

  @Test
  void widthMustBeAPowerOfTwo() {
    assertRefused(Objective.SQUARED, List.of(), 0, "width (0) must be a power of two");
    assertRefused(Objective.SQUARED, List.of(), 48, "width (48) must be a power of two");
    assertRefused(Objective.SQUARED, List.of(), 1 << 21, "width (2097152)");
  }

  @Test
  void numbersOutOfRangeAreRefusedByName() {
    assertThatThrownBy(() -> new Rates(List.of(0.0), 0, 0.5, 1e-6, 0))
        .hasMessageContaining("learningRates (0");
    assertThatThrownBy(() -> new Rates(List.of(Double.NaN), 0, 0.5, 1e-6, 0))
        .hasMessageContaining("learningRates (NaN");
    assertThatThrownBy(() -> new Rates(List.of(1.0), 1, 0.5, 1e-6, 0))
        .hasMessageContaining("momentum (1.0)");
    assertThatThrownBy(() -> new Rates(List.of(1.0), 0, 1, 1e-6, 0))
        .hasMessageContaining("rho (1.0)");
    assertThatThrownBy(() -> new Rates(List.of(1.0), 0, 0.5, 0, 0))
        .hasMessageContaining("epsilon (0.0)");
    assertThatThrownBy(() -> new Rates(List.of(1.0), 0, 0.5, 1e-6, -1))
        .hasMessageContaining("initialAccumulator (-1.0)");
    assertThatThrownBy(() -> new Serving(ServingPolicy.BEST, 1, 1, 0, List.of(0.01)))
        .hasMessageContaining("hysteresis (1.0)");
    assertThatThrownBy(() -> new Serving(ServingPolicy.BEST, 0, 0, 0, List.of(0.01)))
        .hasMessageContaining("fadingFactor (0.0)");
    assertThatThrownBy(() -> new Serving(ServingPolicy.BEST, 0, 1, -1, List.of(0.01)))
        .hasMessageContaining("minEvaluations (-1");
  }

  @Test
  void onlyThePolicyChanges() {
    ModelSettings settings = settings(Objective.LOG);
    ModelSettings changed = settings.withPolicy(ServingPolicy.CHALLENGER);
    assertThat(changed.serving().policy()).isEqualTo(ServingPolicy.CHALLENGER);
    assertThat(changed.withPolicy(ServingPolicy.BLEND)).isEqualTo(settings);
  }

  private static void assertRefused(
      Objective objective, List<String> labels, int width, String message) {
    assertThatThrownBy(
            () ->
                new ModelSettings(
                    objective,
                    1,
                    Optimiser.SGD,
                    Rates.defaults(),
                    labels,
                    width,
                    Serving.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}

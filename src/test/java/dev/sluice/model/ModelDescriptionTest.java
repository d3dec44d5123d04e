package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelSettings.Rates;
import dev.sluice.model.ModelSettings.Serving;
import dev.sluice.model.ModelSettings.ServingPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelDescriptionTest {

  private final ModelDescription description =
      new OnlineModel(settings(Objective.LOG), null).description();

  @Test
  void decodesWhatItEncodes() {
    List<String> odd = List.of("a\nb", "c\\n", "d=e", "\"f\", \"g", "ü😀");
    ModelSettings settings =
        new ModelSettings(
            Objective.HINGE, 1, Optimiser.SGD, Rates.defaults(), odd, 64, Serving.defaults());
    ModelDescription odd1 = new OnlineModel(settings, null).description();
    assertThat(ModelDescription.decode(odd1.encode())).isEqualTo(odd1);
    assertThat(odd1.differences(ModelDescription.decode(odd1.encode()))).isEmpty();
  }

  @Test
  void textIsTheOneOfVersion1() {
    assertThat(new String(description.encode(), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            sluice-model 1
            encoding=murmur3-signed-welford-1
            sluice.model.objective=log
            sluice.model.optimiser=adagrad
            label order="ontime", "late", "cancelled"
            sluice.features.width=16
            champion's feature domain=none
            """);
  }

  @Test
  void differencesNameTheSettingAndBothValues() {
    ModelDescription other =
        new OnlineModel(settings(Objective.SQUARED, Optimiser.ADADELTA), null).description();
    assertThat(description.differences(other))
        .containsExactly(
            "sluice.model.objective is (log), but the stored models were made with (squared)",
            "sluice.model.optimiser is (adagrad), but the stored models were made with (adadelta)",
            "label order is (\"ontime\", \"late\", \"cancelled\"), but the stored models were made"
                + " with ()");
  }

  @Test
  void championsDomainIsPartOfItButItsWeightsAreNot() {
    ModelSettings settings = settings(Objective.SQUARED);
    byte[] bytes = ModelFixtures.linearChampion(Objective.SQUARED);
    ModelDescription warm =
        new OnlineModel(settings, Champion.read(bytes, 1, settings)).description();
    ModelDescription cold = new OnlineModel(settings, null).description();
    assertThat(warm.differences(cold))
        .singleElement()
        .asString()
        .startsWith("champion's feature domain is (")
        .endsWith("but the stored models were made with (none)");
    byte[] other = ModelFixtures.linearChampion(Objective.HUBER);
    assertThat(new OnlineModel(settings, Champion.read(other, 2, settings)).description())
        .isEqualTo(warm);
  }

  @Test
  void ratesAndServingMayChange() {
    ModelSettings same = settings(Objective.LOG);
    ModelSettings changed =
        new ModelSettings(
            same.objective(),
            7,
            same.optimiser(),
            new Rates(List.of(1.0), 0, 0.5, 1e-3, 0),
            same.labels(),
            same.width(),
            new Serving(ServingPolicy.CHAMPION, 0, 1, 0, List.of(0.01)));
    assertThat(new OnlineModel(changed, null).description().differences(description)).isEmpty();
  }

  @Test
  void foreignBytesAreRefused() {
    for (String text : List.of("", "sluice-model 2\na=b\n", "sluice-model 1\nnonsense\n")) {
      assertThatThrownBy(() -> ModelDescription.decode(text.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("stored model's description");
    }
    assertThatThrownBy(() -> ModelDescription.decode(new byte[] {(byte) 0xC3, 0x28}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not UTF-8");
  }
}

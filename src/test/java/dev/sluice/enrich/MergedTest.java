package dev.sluice.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Features;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MergedTest {

  private static final Features OWN =
      new Features(
          new String[] {"b", "d"}, new @Nullable String[] {"own", null}, new double[] {0, 4});
  private static final Features MORE =
      new Features(
          new String[] {"a", "b", "e"},
          new @Nullable String[] {null, null, "x"},
          new double[] {1, 2, 0});

  @Test
  void theObservationsOwnValueStandsAndTheOrderIsThatOfTheNames() {
    assertThat(Merged.of(OWN, MORE).toString()).isEqualTo("{a=1.0, b=own, d=4.0, e=x}");
    assertThat(Merged.of(MORE, OWN).toString()).isEqualTo("{a=1.0, b=2.0, d=4.0, e=x}");
  }

  @Test
  void nothingChangesNothing() {
    Features none = new Features(new String[0], new @Nullable String[0], new double[0]);
    assertThat(Merged.of(OWN, none)).isEqualTo(OWN);
    assertThat(Merged.of(none, OWN)).isEqualTo(OWN);
  }
}

package dev.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PageHinkleyTest {

  /** As the job's defaults are. */
  private final PageHinkley detector =
      new PageHinkley(new PageHinkley.Settings(0.1, 50, 100, false));

  private final Random random = new Random(7);

  @Test
  void aMillionStationaryLossesRaiseNoAlarm() {
    PageHinkley.State state = new PageHinkley.State();
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(detector.observe(state, logLoss(0.2, 0.2))).as("alarm at %s", i).isFalse();
    }
    assertThat(state.count).isEqualTo(1_000_000);
    assertThat(state.mean).isBetween(0.49, 0.51);
  }

  @Test
  void aPlantedChangeIsFoundWithinTwoHundredLosses() {
    for (int run = 0; run < 50; run++) {
      PageHinkley.State state = new PageHinkley.State();
      for (int i = 0; i < 5_000; i++) {
        assertThat(detector.observe(state, logLoss(0.2, 0.2))).isFalse();
      }
      int delay = 1;
      while (!detector.observe(state, logLoss(0.2, 0.6))) {
        delay++;
      }
      assertThat(delay).isBetween(30, 200);
      assertThat(state.alarms).isEqualTo(1);
      assertThat(state.count).as("it begins again").isZero();
    }
  }

  @Test
  void lossesThatFallRaiseNone() {
    PageHinkley.State state = new PageHinkley.State();
    for (int i = 0; i < 20_000; i++) {
      assertThat(detector.observe(state, logLoss(0.2, i < 10_000 ? 0.6 : 0.2))).isFalse();
    }
  }

  @Test
  void thereIsNoneBeforeTheLeastNumberOfOutcomes() {
    PageHinkley.State state = new PageHinkley.State();
    detector.observe(state, 0);
    for (int i = 1; i < 99; i++) {
      assertThat(detector.observe(state, i * 10.0)).isFalse();
    }
    assertThat(detector.observe(state, 1_000)).isTrue();
  }

  /** The loss of one who always predicts this probability, where another one is true. */
  private double logLoss(double predicted, double actual) {
    return -Math.log(random.nextDouble() < actual ? predicted : 1 - predicted);
  }
}

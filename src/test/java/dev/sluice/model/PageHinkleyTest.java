package dev.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PageHinkleyTest {

  /** As the job's defaults are. */
  private final PageHinkley detector =
      new PageHinkley(new PageHinkley.Settings(0.25, 16, 50, false));

  private final Random random = new Random(7);

  @Test
  void stationaryLossesHardlyEverRaiseAnAlarm() {
    PageHinkley.State state = new PageHinkley.State();
    for (int i = 0; i < 1_000_000; i++) {
      detector.observe(state, logLoss(0.2, 0.2));
    }
    assertThat(state.alarms).isLessThan(150);
  }

  @Test
  void theUnitOfALossChangesNothing() {
    PageHinkley.State state = new PageHinkley.State();
    PageHinkley.State larger = new PageHinkley.State();
    for (int i = 0; i < 5_000; i++) {
      double loss = logLoss(0.2, i < 4_000 ? 0.2 : 0.6);
      assertThat(detector.observe(larger, 1_024 * loss)).isEqualTo(detector.observe(state, loss));
    }
    assertThat(state.alarms).isPositive();
  }

  @Test
  void aPlantedChangeIsFoundWithinAHundredLosses() {
    int found = 0;
    for (int run = 0; run < 50; run++) {
      PageHinkley.State state = new PageHinkley.State();
      for (int i = 0; i < 500; i++) {
        detector.observe(state, logLoss(0.2, 0.2));
      }
      long before = state.alarms;
      for (int i = 0; i < 100 && state.alarms == before; i++) {
        detector.observe(state, logLoss(0.2, 0.6));
      }
      found += state.alarms > before ? 1 : 0;
    }
    assertThat(found).isGreaterThanOrEqualTo(48);
  }

  @Test
  void theMedianKeyWithTwoHundredFiftyOutcomesIsFound() {
    Streams.Alarms alarms = Streams.alarms(detector, Streams.Kind.ABRUPT, 50, 500, 250);
    assertThat(alarms.found()).as("%s", alarms).isGreaterThan(25);
    assertThat(alarms.medianDelay()).isLessThan(100);
    assertThat(alarms.before()).isLessThanOrEqualTo(1);
  }

  @Test
  void oneHugeLossDoesNotHideADrift() {
    for (int at : new int[] {20, 1_000}) {
      PageHinkley.State state = new PageHinkley.State();
      for (int i = 0; i < 2_000; i++) {
        detector.observe(state, i == at ? 5e11 : logLoss(0.2, 0.2));
      }
      long before = state.alarms;
      for (int i = 0; i < 200; i++) {
        detector.observe(state, logLoss(0.2, 0.6));
      }
      assertThat(state.alarms).isGreaterThan(before);
    }
  }

  @Test
  void lossesThatFallRaiseNone() {
    PageHinkley.State state = new PageHinkley.State();
    for (int i = 0; i < 2_000; i++) {
      assertThat(detector.observe(state, logLoss(0.2, i < 1_000 ? 0.6 : 0.2))).isFalse();
    }
  }

  @Test
  void thereIsNoneBeforeTheLeastNumberOfOutcomes() {
    PageHinkley.State state = new PageHinkley.State();
    boolean alarm = false;
    for (int i = 0; i < 49; i++) {
      alarm |= detector.observe(state, i < 20 ? random.nextDouble() : 10 * i);
    }
    assertThat(alarm).isFalse();
    assertThat(detector.observe(state, 1_000)).isTrue();
    assertThat(state.count).as("it begins again").isZero();
  }

  /** The loss of one who always predicts this probability, where another one is true. */
  private double logLoss(double predicted, double actual) {
    return -Math.log(random.nextDouble() < actual ? predicted : 1 - predicted);
  }
}

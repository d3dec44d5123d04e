package dev.sluice.tool.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PaceTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void stepsAreEvenlySpaced() {
    Pace pace = new Pace(4, 0);
    assertThat(pace.delayNs(0)).isZero();
    assertThat(pace.delayNs(0)).isEqualTo(SECOND / 4);
    assertThat(pace.delayNs(SECOND / 4)).isEqualTo(SECOND / 4);
  }

  @Test
  void atMostOneSecondIsMadeUpAfterAStall() {
    Pace pace = new Pace(4, 0);
    long now = 100 * SECOND;
    int atOnce = 0;
    while (pace.delayNs(now) == 0) {
      atOnce++;
    }
    assertThat(atOnce).isEqualTo(5);
  }

  @Test
  void rateZeroNeverWaits() {
    Pace pace = new Pace(0, 0);
    for (int i = 0; i < 1_000; i++) {
      assertThat(pace.delayNs(0)).isZero();
    }
  }

  @Test
  void aNegativeRateIsRefused() {
    assertThatThrownBy(() -> new Pace(-1, 0)).hasMessageContaining("(-1)");
  }
}

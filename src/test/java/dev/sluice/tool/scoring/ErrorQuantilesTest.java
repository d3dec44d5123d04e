package dev.sluice.tool.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ErrorQuantilesTest {

  @Test
  void anExactPredictionHasNoError() {
    ErrorQuantiles errors = new ErrorQuantiles();
    assertThat(errors.at(.5)).isNaN();
    errors.add(0);
    errors.add(0);
    errors.add(5);
    assertThat(errors.at(.5)).isZero();
    assertThat(errors.at(1)).isCloseTo(5, within(.05));
  }
}

package dev.sluice.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {

  @Test
  void oneObjectIsRead() {
    assertThat(StrictJson.object("{\"a\":1}\n").path("a").asInt()).isOne();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "{\"a\":1} x", "{}{}", "note\n{}", "{\"a\":1,\"a\":2}"})
  void nothingElseIs(String text) {
    assertThatThrownBy(() -> StrictJson.object(text)).isInstanceOf(AssertionError.class);
  }
}

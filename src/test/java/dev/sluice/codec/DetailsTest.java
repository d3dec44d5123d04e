package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DetailsTest {

  @Test
  void whatIsUnprintableIsEscaped() {
    assertThat(Details.shown("a\n\u202E\uD800ä😀")).isEqualTo("\"a\\u{a}\\u{202e}\\u{d800}ä😀\"");
  }

  @Test
  void valuesAreCutToEightyCharacters() {
    assertThat(Details.shown("x".repeat(80))).isEqualTo('"' + "x".repeat(80) + '"');
    assertThat(Details.shown("x".repeat(81))).isEqualTo('"' + "x".repeat(80) + "…\"");
  }

  @Test
  void detailsAreCutBetweenCharactersToTwoHundredBytes() {
    assertThat(Details.clipped("x".repeat(200))).isEqualTo("x".repeat(200));
    assertThat(Details.clipped("x".repeat(201))).isEqualTo("x".repeat(197) + "…");
    for (int shift = 0; shift < 8; shift++) {
      String clipped = Details.clipped("x".repeat(shift) + "😀ä€".repeat(40));
      assertThat(clipped).endsWith("…").doesNotContain("\uFFFD");
      assertThat(clipped.getBytes(UTF_8)).hasSizeBetween(190, 200);
      assertThat(StrictUtf8.hasLoneSurrogate(clipped)).isFalse();
    }
  }
}

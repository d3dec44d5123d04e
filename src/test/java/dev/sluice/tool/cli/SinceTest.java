package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class SinceTest {

  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-11-30T12:00:00.123456Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({
    "90s,2026-11-30T11:58:30.123Z",
    "30m,2026-11-30T11:30:00.123Z",
    "1h,2026-11-30T11:00:00.123Z",
    "7d,2026-11-23T12:00:00.123Z",
    "2026-11-28T00:00:00Z,2026-11-28T00:00:00Z",
    "1700000000000,2023-11-14T22:13:20Z",
    "60,1970-01-01T00:00:00.060Z"
  })
  void itIsATimeOrHowLongAgo(String text, Instant time) {
    assertThat(new Since.Converter().convert(text).at(NOON)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "0h", "-1h", "1w", "1 h", "999999d", "2026-11-28"})
  void whatIsNeitherSaysBothForms(String text) {
    assertThatThrownBy(() -> new Since.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("how long ago, as 30m, 24h or 7d")
        .hasMessageContaining("ISO-8601");
  }
}

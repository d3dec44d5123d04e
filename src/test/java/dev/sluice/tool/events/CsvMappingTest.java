package dev.sluice.tool.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.events.CsvMapping.Kind;
import dev.sluice.tool.events.CsvMapping.Roles;
import dev.sluice.tool.events.CsvMapping.Times;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvMappingTest {

  private static final CsvMapping MAPPING =
      new CsvMapping(
          ';',
          new Roles("sold", "store", "at", null),
          Times.DIGITS,
          List.of("yes", "no"),
          Map.of("price \"net\"", Kind.NUMBER),
          Instant.parse("2026-11-01T00:00:00Z"));

  @TempDir Path folder;

  @Test
  void aMappingIsReadAsItWasWritten() throws IOException {
    assertThat(CsvMapping.read(write(MAPPING.json()))).isEqualTo(MAPPING);
  }

  @Test
  void aMappingThatSaysNothingOfTimesHasInstants() throws IOException {
    String old = MAPPING.json().replaceFirst("\"times\" : \"digits\",", "");
    assertThat(old).doesNotContain("times");
    assertThat(CsvMapping.read(write(old)).times()).isEqualTo(Times.INSTANTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"version\" : 1|\"version\" : 2|its version is (2)",
        "\"number\"|\"money\"|feature (price \"net\") is (money)",
        "\"sold\"|17|label is missing",
        "\"digits\"|\"roman\"|times is (roman), which is neither instants nor digits",
        "\";\"|\";;\"|separator must be one character",
        "\"2026-11-01T00:00:00Z\"|\"soon\"|could not be parsed",
        "{|[|it is no JSON"
      })
  void whatIsNoMappingIsRefused(String part, String replaced, String why) throws IOException {
    Path file = write(MAPPING.json().replace(part, replaced));
    assertThatThrownBy(() -> CsvMapping.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " is no mapping of a CSV's columns")
        .hasMessageContaining(why);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("columns.json"), text);
  }
}

package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class PlainTextTest {

  private final StringWriter printed = new StringWriter();
  private final PrintWriter out = PlainText.of(new PrintWriter(printed, true));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clear \u001b[2J",
        "title \u001b]0;x\u0007",
        "one-byte \u009b2J",
        "turned \u202e",
        "hidden \u200b",
        "back \b",
        "lines \u2028"
      })
  void aTerminalIsNotObeyed(String text) {
    out.print(text);
    out.write(text.toCharArray(), 0, text.length());
    text.chars().forEach(out::write);
    out.flush();
    assertThat(printed.toString())
        .matches(all -> all.chars().noneMatch(c -> Character.isISOControl(c)), "no control")
        .doesNotContain("\u202e", "\u200b", "\u2028")
        .contains(text.substring(0, text.indexOf(' ') + 1) + "?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[32mPROVED\u001b[0m",
        "\rreading\u001b[K",
        "a\tb\r\nc",
        "\u001b[1;33mx\u001b[m",
        "größer, 例, \ud83d\ude00"
      })
  void whatTheToolItselfPrintsStays(String text) {
    out.print(text);
    out.flush();
    assertThat(printed).hasToString(text);
  }

  @Test
  void aProgramIsGivenTheVeryText() throws Exception {
    String name = "a\u001b[2J\u202e\u009bK\ud834\udd73 \"x\\";
    OutputForm.printJson(out, Map.of("name", name));
    String json = printed.toString();
    assertThat(json).doesNotContain("\u001b", "\u202e", "\u009b").contains("\\u202e");
    assertThat(new ObjectMapper().readTree(json).path("name").asText()).isEqualTo(name);
  }

  /** A path of it must be what it is where it is pasted. */
  @Test
  void aReaderOfYamlIsGivenTheVeryText() {
    String name = "a\u001b[2J\u202e\u200d\ufeff\u009bK\u2028\ud834\udd73 \"x\\u202e\\ \ud83d\ude00";
    OutputForm.printYaml(out, Map.of("name", name, name, 1));
    String yaml = printed.toString();
    assertThat(yaml).doesNotContain("\u001b", "\u202e", "\u009b", "?");
    assertThat(new Load(LoadSettings.builder().build()).loadFromString(yaml))
        .isEqualTo(Map.of("name", name, name, 1));
  }
}

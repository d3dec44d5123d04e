package dev.sluice.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;

/**
 * The table of settings in the site's page is what the code says; {@code
 * -Dsluice.regenerate=options} rewrites it.
 */
class OptionsTableTest {

  private static final Path PAGE = Path.of("src", "site", "markdown", "settings.md");
  private static final String BEGIN = "<!-- options:begin -->\n";
  private static final String END = "<!-- options:end -->";

  @Test
  void thePageListsEverySettingAsTheCodeDeclaresIt() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    assertThat(end).isGreaterThanOrEqualTo(begin);
    if ("options".equals(System.getProperty("sluice.regenerate"))) {
      page = page.substring(0, begin) + table() + page.substring(end);
      Files.writeString(PAGE, page);
      return;
    }
    assertThat(page.substring(begin, end)).isEqualTo(table());
  }

  private static String table() {
    StringBuilder table = new StringBuilder("| setting | default | meaning |\n|---|---|---|\n");
    for (ConfigOption<?> option : SluiceOptions.ALL) {
      row(table, option.key(), value(option), new HtmlFormatter().format(option.description()));
    }
    row(
        table,
        SluiceOptions.KAFKA_PROPERTIES + "*",
        "",
        "Handed to every Kafka client: SASL, SSL, tuning. Checked at the start by making each kind of client; what"
            + " the job sets itself, as serializers and transactional.id, is refused. Config providers take "
            + "secrets from files, which each"
            + " machine then needs. Secrets are never logged.");
    return table.toString();
  }

  private static void row(StringBuilder table, String key, String value, String meaning) {
    String shown = value.isEmpty() ? "–" : "`" + value + "`";
    table.append("| `%s` | %s | %s |\n".formatted(key, shown, meaning));
  }

  private static String value(ConfigOption<?> option) {
    Object value = option.hasDefaultValue() ? option.defaultValue() : "";
    return value instanceof Duration duration
        ? TimeUtils.formatWithHighestUnit(duration)
        : String.valueOf(value);
  }
}

package dev.sluice.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.enrich.OnFailure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnrichOptionsTest {

  private static final String URL = "http://features.local/v1/{key}";

  @Test
  void withoutAUrlNothingIsLookedUp() {
    assertThat(JobSettings.of(Map.of()).enrich()).isNull();
  }

  @Test
  void aUrlIsEnough() {
    var settings =
        Objects.requireNonNull(JobSettings.of(Map.of("sluice.enrich.url", URL)).enrich());
    assertThat(settings.onFailure()).isEqualTo(OnFailure.PROCEED);
    assertThat(settings.patience().timeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.token()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sluice.enrich.url                     | http://h/all          | must hold {key} or {id}
          sluice.enrich.url                     | ftp://h/{key}         | must be http
          sluice.enrich.url                     | /v1/{key}             | must be http
          sluice.enrich.url                     | http://h/{key}/{name} | not a URL
          sluice.enrich.on-failure              | ignore                | proceed, defer, dead-letter
          sluice.enrich.timeout                 | 100 ms                | must not be longer than sluice.enrich.timeout
          sluice.enrich.attempt-timeout         | 3 s                   | must not be longer than sluice.enrich.timeout
          sluice.enrich.capacity                | 0                     | at least 1
          sluice.enrich.capacity                | 100000                | at most 10000
          sluice.enrich.retries                 | -1                    | at least 0
          sluice.enrich.backoff                 | 1 min                 | must not be longer than sluice.enrich.timeout
          sluice.enrich.breaker.failure-percent | 101                   | at most 100
          sluice.enrich.breaker.window          | 0                     | at least 1
          sluice.enrich.breaker.open-for        | never                 | a duration
          sluice.enrich.breaker.probes          | 0                     | at least 1
          """)
  void aBadValueIsNamedWithWhatIsAllowed(String key, String value, String allowed) {
    Map<String, String> settings = new HashMap<>(Map.of("sluice.enrich.url", URL));
    settings.put(key, value);
    assertThatThrownBy(() -> JobSettings.of(settings))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sluice.enrich.")
        .hasMessageContaining(allowed);
  }

  @Test
  void theTokenIsNeitherPrintedNorPublishedNorShownByARefusal() {
    Map<String, String> settings =
        new HashMap<>(Map.of("sluice.enrich.url", URL, "sluice.enrich.token", "hush"));

    JobSettings read = JobSettings.of(settings);
    assertThat(Objects.requireNonNull(read.enrich()).token()).isEqualTo("hush");
    assertThat(read.toString()).contains("features.local").doesNotContain("hush");
    assertThat(PublishedSettings.of(settings, "").toMap().toString())
        .contains("features.local")
        .doesNotContain("hush");
    assertNotShown(Map.of("sluice.enrich.tokn", "hush"), "did you mean sluice.enrich.token");
    assertNotShown(Map.of("sluice.enrich.token", "hush hush"), "visible ASCII");
    assertNotShown(Map.of("sluice.enrich.url", "http://u:hush@h/{key}"), "a token instead");
  }

  @Test
  void theEnvironmentHoldsTheTokenWhereTheSettingsDoNot() {
    Map<String, String> environment = Map.of("SLUICE_ENRICH_TOKEN", "from-env");
    Map<String, String> without = new HashMap<>(Map.of("sluice.enrich.url", URL));
    EnrichOptions.takeToken(without, environment);
    assertThat(without).containsEntry("sluice.enrich.token", "from-env");

    Map<String, String> with = new HashMap<>(without);
    with.put("sluice.enrich.token", "own");
    EnrichOptions.takeToken(with, environment);
    assertThat(with).containsEntry("sluice.enrich.token", "own");

    Map<String, String> none = new HashMap<>();
    EnrichOptions.takeToken(none, environment);
    assertThat(none).isEmpty();
  }

  private static void assertNotShown(Map<String, String> settings, String said) {
    assertThatThrownBy(() -> JobSettings.of(settings))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(said)
        .message()
        .doesNotContain("hush");
  }
}

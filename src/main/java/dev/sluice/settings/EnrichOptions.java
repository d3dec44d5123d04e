package dev.sluice.settings;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.sluice.enrich.EnrichSettings;
import dev.sluice.enrich.LookupUrl;
import dev.sluice.enrich.OnFailure;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.jspecify.annotations.Nullable;

/** The settings of the lookups at a feature service; {@link SluiceOptions#ALL} lists them. */
public final class EnrichOptions {

  /** Holds the token where the settings don't, in the process that submits the job. */
  static final String TOKEN_VARIABLE = "SLUICE_ENRICH_TOKEN";

  static final ConfigOption<String> URL =
      key("sluice.enrich.url")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "A feature service, asked for each observation before it is scored: http or https, with {key}, {id} and"
                  + " {time} (epoch milliseconds) where the observation's go. Not secret: it is logged and published."
                  + " Without it nothing is looked up.");

  static final ConfigOption<String> TOKEN =
      key("sluice.enrich.token")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Sent to the feature service as a bearer token; never logged or published. Better kept in the environment"
                  + " variable "
                  + TOKEN_VARIABLE
                  + " of the process that submits the job.");

  static final ConfigOption<String> ON_FAILURE =
      key("sluice.enrich.on-failure")
          .stringType()
          .defaultValue("proceed")
          .withDescription(
              "What becomes of an observation whose lookup failed: proceed (scored without the features), defer (to"
                  + " sluice.topics.deferred, bytes untouched) or dead-letter (reason enrichment-failed).");

  static final ConfigOption<Duration> TIMEOUT =
      key("sluice.enrich.timeout")
          .durationType()
          .defaultValue(Duration.ofSeconds(2))
          .withDescription(
              "The longest that one observation's lookup takes, with all its attempts; a stop may have to wait for as"
                  + " long.");

  static final ConfigOption<Duration> ATTEMPT_TIMEOUT =
      key("sluice.enrich.attempt-timeout")
          .durationType()
          .defaultValue(Duration.ofMillis(500))
          .withDescription("The longest that one request takes, to the last byte of its response.");

  static final ConfigOption<Integer> CAPACITY =
      key("sluice.enrich.capacity")
          .intType()
          .defaultValue(100)
          .withDescription(
              "How many events may wait in each task, for their lookups or behind one that is not done: they leave in"
                  + " order. So many requests are open at most.");

  static final ConfigOption<Integer> RETRIES =
      key("sluice.enrich.retries")
          .intType()
          .defaultValue(2)
          .withDescription(
              "How often a failed request is tried again. Not after bad content or a 4xx other than 408 and 429.");

  static final ConfigOption<Duration> BACKOFF =
      key("sluice.enrich.backoff")
          .durationType()
          .defaultValue(Duration.ofMillis(50))
          .withDescription(
              "The pause before the first retry, doubled before each further one, all give or take a random half.");

  static final ConfigOption<Integer> BREAKER_FAILURES =
      key("sluice.enrich.breaker.failure-percent")
          .intType()
          .defaultValue(50)
          .withDescription(
              "So many failed among the last requests open the task's circuit breaker: the service is then not "
                  + "asked, and"
                  + " lookups fail at once.");

  static final ConfigOption<Integer> BREAKER_WINDOW =
      key("sluice.enrich.breaker.window")
          .intType()
          .defaultValue(20)
          .withDescription("How many of the last requests the circuit breaker counts.");

  static final ConfigOption<Duration> BREAKER_OPEN =
      key("sluice.enrich.breaker.open-for")
          .durationType()
          .defaultValue(Duration.ofSeconds(5))
          .withDescription("How long an open circuit breaker keeps the service from being asked.");

  static final ConfigOption<Integer> BREAKER_PROBES =
      key("sluice.enrich.breaker.probes")
          .intType()
          .defaultValue(3)
          .withDescription("How many requests then decide whether it closes.");

  private EnrichOptions() {}

  /** Null if nothing is to be looked up. */
  static @Nullable EnrichSettings read(SettingsReader read) {
    String url = read.optional(URL).orElse(null);
    EnrichSettings.Patience patience = patience(read);
    EnrichSettings.Breaker breaker = breaker(read);
    OnFailure onFailure = read.code(ON_FAILURE, OnFailure::ofCode);
    int capacity = between(read, CAPACITY, 1, 10_000);
    String token = token(read);
    if (url == null) {
      return null;
    }
    try {
      return new EnrichSettings(
          new LookupUrl(url),
          token,
          onFailure,
          patience,
          capacity,
          breaker,
          read.atLeast(SluiceOptions.MAX_FEATURES, 1));
    } catch (IllegalArgumentException e) {
      throw new SettingsException("%s: %s".formatted(URL.key(), e.getMessage()));
    }
  }

  private static EnrichSettings.Patience patience(SettingsReader read) {
    Duration timeout = read.positive(TIMEOUT);
    Duration attempt = read.positive(ATTEMPT_TIMEOUT);
    if (attempt.compareTo(timeout) > 0) {
      throw read.refuse(ATTEMPT_TIMEOUT, "it must not be longer than " + TIMEOUT.key());
    }
    Duration backoff = read.positive(BACKOFF);
    if (backoff.compareTo(timeout) > 0) {
      throw read.refuse(BACKOFF, "it must not be longer than " + TIMEOUT.key());
    }
    return new EnrichSettings.Patience(timeout, attempt, between(read, RETRIES, 0, 20), backoff);
  }

  private static EnrichSettings.Breaker breaker(SettingsReader read) {
    return new EnrichSettings.Breaker(
        between(read, BREAKER_FAILURES, 1, 100),
        between(read, BREAKER_WINDOW, 1, 10_000),
        read.positive(BREAKER_OPEN),
        between(read, BREAKER_PROBES, 1, 1000));
  }

  /** Refusals must not show it. */
  private static @Nullable String token(SettingsReader read) {
    String token = read.optional(TOKEN).orElse(null);
    if (token != null && !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new SettingsException(
          "%s can't be sent: a token is of visible ASCII characters".formatted(TOKEN.key()));
    }
    return token;
  }

  private static int between(SettingsReader read, ConfigOption<Integer> option, int a, int b) {
    int value = read.atLeast(option, a);
    if (value > b) {
      throw read.refuse(option, "it must be at most " + b);
    }
    return value;
  }

  /** Takes the token from the environment where the settings have none. */
  public static void takeToken(Map<String, String> settings, Map<String, String> environment) {
    String token = environment.get(TOKEN_VARIABLE);
    if (token != null && !token.isBlank() && settings.containsKey(URL.key())) {
      settings.putIfAbsent(TOKEN.key(), token);
    }
  }

  /** Whether an unknown key may be a misspelt {@link #TOKEN}, whose value must not be shown. */
  static boolean mayBeSecret(String key) {
    return key.startsWith("sluice.enrich.");
  }
}

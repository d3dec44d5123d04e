package dev.sluice.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What tests of the lookups begin with. */
final class EnrichFixtures {

  static final String TOKEN = "s3cr3t-t0ken";

  private EnrichFixtures() {}

  static EnrichSettings settings(String url, OnFailure onFailure, int retries) {
    return settings(
        url, onFailure, new EnrichSettings.Breaker(100, 1000, Duration.ofSeconds(5), 2), retries);
  }

  static EnrichSettings settings(
      String url, OnFailure onFailure, EnrichSettings.Breaker breaker, int retries) {
    EnrichSettings.Patience patience =
        new EnrichSettings.Patience(
            Duration.ofSeconds(60), Duration.ofSeconds(30), retries, Duration.ofMillis(100));
    return new EnrichSettings(new LookupUrl(url), TOKEN, onFailure, patience, 3, breaker, 100);
  }

  static Observation observation(String key, long offset) {
    RawRecord raw =
        new RawRecord(
            new Origin("events", 0, offset), offset, key.getBytes(UTF_8), "{}".getBytes(UTF_8));
    return new Observation(raw, "id-" + offset, key, 5, features("wind", 1.5));
  }

  static Features features(String name, double number) {
    return new Features(new String[] {name}, new @Nullable String[1], new double[] {number});
  }
}

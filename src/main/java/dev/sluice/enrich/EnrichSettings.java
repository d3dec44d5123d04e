package dev.sluice.enrich;

import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How observations get more features.
 *
 * @param url what is asked
 * @param token the bearer token, null for none; never printed
 * @param onFailure what happens to an observation whose lookup failed
 * @param patience how long and how often the service is asked
 * @param capacity events that wait in a task at most
 * @param breaker when the service is left alone
 * @param maxFeatures the most features of one observation, its own and the service's
 */
public record EnrichSettings(
    LookupUrl url,
    @Nullable String token,
    OnFailure onFailure,
    Patience patience,
    int capacity,
    Breaker breaker,
    int maxFeatures)
    implements Serializable {

  /**
   * How long and how often the service is asked for one observation.
   *
   * @param timeout of the lookup, all attempts together
   * @param attemptTimeout of one request, to the last byte of its response
   * @param retries attempts after the first
   * @param backoff before the first retry; doubled before each further one, give or take a half
   */
  public record Patience(Duration timeout, Duration attemptTimeout, int retries, Duration backoff)
      implements Serializable {}

  /**
   * When the service is left alone.
   *
   * @param failurePercent so many failed requests among the last open the breaker
   * @param window how many the last requests are
   * @param openFor how long it stays open
   * @param probes how many requests then decide
   */
  public record Breaker(int failurePercent, int window, Duration openFor, int probes)
      implements Serializable {}

  @Override
  public String toString() {
    return "EnrichSettings[%s, token %s, on failure %s, %s, capacity %s, %s]"
        .formatted(url, token == null ? "none" : "hidden", onFailure, patience, capacity, breaker);
  }
}

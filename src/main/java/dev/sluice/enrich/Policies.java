package dev.sluice.enrich;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When a request is tried again, and when none is made. */
final class Policies {

  private static final Logger LOG = LoggerFactory.getLogger(Policies.class);
  private static final String NAME = "feature-service";

  private Policies() {}

  /** Retries with exponential backoff and jitter. */
  static Retry retry(EnrichSettings.Patience patience, EnrichMetrics metrics) {
    Retry retry =
        Retry.of(
            NAME,
            RetryConfig.custom()
                .maxAttempts(patience.retries() + 1)
                .intervalFunction(
                    IntervalFunction.ofExponentialRandomBackoff(
                        patience.backoff(), 2.0, 0.5, patience.timeout()))
                .retryOnException(LookupException::isWorthARetry)
                .build());
    retry.getEventPublisher().onRetry(event -> metrics.retries.inc());
    return retry;
  }

  /** Opens on the share of failures among the last requests; logs that once, and when it closes. */
  static CircuitBreaker breaker(EnrichSettings settings, Clock clock, EnrichMetrics metrics) {
    EnrichSettings.Breaker limits = settings.breaker();
    CircuitBreaker breaker =
        CircuitBreaker.of(
            NAME,
            CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(limits.window())
                .minimumNumberOfCalls(limits.window())
                .failureRateThreshold(limits.failurePercent())
                .waitDurationInOpenState(limits.openFor())
                .permittedNumberOfCallsInHalfOpenState(limits.probes())
                .writableStackTraceEnabled(false)
                .clock(clock)
                .build());
    breaker
        .getEventPublisher()
        .onStateTransition(event -> say(event.getStateTransition(), settings));
    metrics.breaker(() -> breaker.getState().getOrder());
    return breaker;
  }

  private static void say(StateTransition transition, EnrichSettings settings) {
    if (transition == StateTransition.CLOSED_TO_OPEN) {
      LOG.warn(
          "The feature service {} fails: of the last {} requests at least {} %. It is asked again in {}; until then: {}",
          settings.url(),
          settings.breaker().window(),
          settings.breaker().failurePercent(),
          settings.breaker().openFor(),
          settings.onFailure());
    } else if (transition == StateTransition.HALF_OPEN_TO_CLOSED) {
      LOG.info("The feature service {} answers again", settings.url());
    }
  }
}

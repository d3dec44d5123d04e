package dev.sluice.enrich;

import dev.sluice.codec.FeaturesDecoder;
import dev.sluice.event.Event.Observation;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the feature service. A lookup always returns a {@link Finding}, never an exception, and
 * within its timeout: the deadline runs in parallel with the attempts, whatever their result.
 *
 * <p>The retry is around the breaker: each attempt is one request to the breaker, and a lookup that
 * the breaker refuses is not tried again.
 */
final class FeatureService {

  private static final Logger LOG = LoggerFactory.getLogger(FeatureService.class);
  private static final String NAME = "feature-service";

  /** Of a response's body. */
  static final int MAX_BYTES = 64 << 10;

  private final EnrichSettings settings;
  private final HttpClient http;
  private final ScheduledExecutorService timers;
  private final Clock clock;
  private final EnrichMetrics metrics;
  private final FeaturesDecoder decoder;
  private final CircuitBreaker breaker;
  private final Retry retry;

  /** What runs the requests and the timers belongs to the caller. */
  FeatureService(
      EnrichSettings settings,
      HttpClient http,
      ScheduledExecutorService timers,
      Clock clock,
      EnrichMetrics metrics) {
    this.settings = settings;
    this.http = http;
    this.timers = timers;
    this.clock = clock;
    this.metrics = metrics;
    this.decoder = new FeaturesDecoder(settings.maxFeatures());
    this.breaker = breaker(settings, clock, metrics);
    this.retry = retry(settings.patience(), metrics);
  }

  /** Retries with exponential backoff and jitter. */
  private static Retry retry(EnrichSettings.Patience patience, EnrichMetrics metrics) {
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
  private static CircuitBreaker breaker(
      EnrichSettings settings, Clock clock, EnrichMetrics metrics) {
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
          "The feature service {} fails: of the last {} requests at least {} %. It is asked again in {}; until "
              + "then: {}",
          settings.url(),
          settings.breaker().window(),
          settings.breaker().failurePercent(),
          settings.breaker().openFor(),
          settings.onFailure());
    } else if (transition == StateTransition.HALF_OPEN_TO_CLOSED) {
      LOG.info("The feature service {} answers again", settings.url());
    }
  }

  /** Looks up the features of an observation. */
  CompletableFuture<Finding> lookup(Observation observation) {
    metrics.lookups.inc();
    metrics.inFlight.incrementAndGet();
    long startMs = clock.millis();
    HttpRequest request = request(observation);
    CompletableFuture<Finding> finding = new CompletableFuture<>();
    long timeoutMs = settings.patience().timeout().toMillis();
    Future<?> deadline =
        timers.schedule(
            () -> finding.complete(new Finding.Failed("no answer within " + timeoutMs + " ms")),
            timeoutMs,
            TimeUnit.MILLISECONDS);
    Future<?> attempts =
        retry
            .executeCompletionStage(
                timers,
                () ->
                    finding.isDone()
                        ? CompletableFuture.failedFuture(new LookupException("given up", false))
                        : breaker.executeCompletionStage(() -> attempt(request, finding)))
            .handle((found, thrown) -> thrown == null ? found : failed(thrown))
            .thenAccept(finding::complete)
            .toCompletableFuture();
    return finding.whenComplete(
        (found, thrown) -> {
          deadline.cancel(false);
          attempts.cancel(false);
          done(found, clock.millis() - startMs);
        });
  }

  private void done(@Nullable Finding finding, long tookMs) {
    metrics.inFlight.decrementAndGet();
    metrics.latencyMs.update(tookMs);
    if (finding instanceof Finding.Unknown) {
      metrics.unknown.inc();
    } else if (finding instanceof Finding.Failed) {
      metrics.failures.inc();
    }
  }

  private HttpRequest request(Observation observation) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.url().of(observation))
            .header("Accept", "application/json")
            .GET();
    if (settings.token() != null) {
      request.header("Authorization", "Bearer " + settings.token());
    }
    return request.build();
  }

  /** One request; ends, and releases its connection, at its own timeout or with the lookup. */
  private CompletableFuture<Finding> attempt(
      HttpRequest request, CompletableFuture<Finding> lookup) {
    CompletableFuture<Finding> attempt = new CompletableFuture<>();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http.sendAsync(request, head -> new LimitedBody(MAX_BYTES));
    long timeoutMs = settings.patience().attemptTimeout().toMillis();
    Future<?> limit =
        timers.schedule(
            () -> end(attempt, new LookupException("no answer within " + timeoutMs + " ms", true)),
            timeoutMs,
            TimeUnit.MILLISECONDS);
    Future<?> given =
        exchange.handle(
            (response, thrown) ->
                thrown == null ? answer(attempt, response) : end(attempt, refusal(thrown)));
    Future<?> ended = lookup.thenAccept(f -> end(attempt, new LookupException("given up", false)));
    return attempt.whenComplete(
        (found, thrown) -> {
          limit.cancel(false);
          exchange.cancel(true);
          given.cancel(false);
          ended.cancel(false);
        });
  }

  private boolean answer(CompletableFuture<Finding> attempt, HttpResponse<byte[]> response) {
    try {
      return attempt.complete(read(response));
    } catch (LookupException e) {
      return end(attempt, e);
    }
  }

  private static boolean end(CompletableFuture<Finding> attempt, LookupException why) {
    return attempt.completeExceptionally(why);
  }

  private Finding read(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status == 404) {
      return new Finding.Unknown();
    }
    if (status != 200) {
      boolean passing = status >= 500 || status == 408 || status == 429;
      throw new LookupException("answered " + status, passing);
    }
    try {
      return new Finding.Found(decoder.decode(response.body()));
    } catch (IllegalArgumentException e) {
      throw new LookupException("bad content: " + e.getMessage(), false);
    }
  }

  private static LookupException refusal(Throwable thrown) {
    Throwable root = LookupException.root(thrown);
    if (root instanceof LookupException known) {
      return known;
    }
    for (Throwable t = root; t != null; t = t.getCause()) {
      if (t instanceof LookupException known) {
        return known;
      }
    }
    String what = root.getMessage() == null ? "" : ": " + root.getMessage();
    return new LookupException(root.getClass().getSimpleName() + what, true);
  }

  private static Finding failed(Throwable thrown) {
    Throwable root = LookupException.root(thrown);
    return new Finding.Failed(
        root instanceof CallNotPermittedException
            ? "the circuit breaker is open"
            : String.valueOf(root.getMessage()));
  }

  /** As metrics show it: 0 closed, 1 open, 2 half-open. */
  int breakerState() {
    return breaker.getState().getOrder();
  }
}

package dev.sluice.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Features;
import dev.sluice.support.FeatureServer;
import dev.sluice.support.FeatureServer.Mood;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client against a real HTTP server, with time that advances only when the test says so. */
class FeatureServiceTest {

  private static final long RETRY_PAUSES = 1_000; // every other timer is of 30 s or more

  private final FeatureServer server = new FeatureServer();
  private final VirtualTime time = new VirtualTime();
  private final EnrichMetrics metrics = new EnrichMetrics(new UnregisteredMetricsGroup());

  @AfterEach
  void close() {
    server.close();
    time.shutdownNow();
  }

  @Test
  void aHealthyServiceIsAskedOnceWithEscapedPartsAndTheToken() throws Exception {
    Finding finding = get(service(2).lookup(EnrichFixtures.observation("a/b ü*", 7)));

    Features features = ((Finding.Found) finding).features();
    assertThat(features.names()).containsExactly("storm", "weather", "wind");
    assertThat(server.paths()).containsExactly("/features/a%2Fb%20%C3%BC%2A?id=id-7&at=5");
    assertThat(server.authorisation()).isEqualTo("Bearer " + EnrichFixtures.TOKEN);
    assertThat(metrics.lookups.getCount()).isEqualTo(1);
    assertThat(metrics.failures.getCount()).isZero();
    assertThat(metrics.inFlight).hasValue(0);
    assertThat(metrics.latencyMs.getCount()).isEqualTo(1);
  }

  @Test
  void notFoundIsNoFailure() throws Exception {
    server.turn(Mood.NOT_FOUND);
    FeatureService service = service(breaker(2), 2);
    for (int i = 0; i < 5; i++) {
      assertThat(get(service.lookup(EnrichFixtures.observation("k", i))))
          .isEqualTo(new Finding.Unknown());
    }
    assertThat(server.requests()).isEqualTo(5);
    assertThat(metrics.unknown.getCount()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({"ERRORS, answered 500", "BUSY, answered 429"})
  void aPassingFailureIsRetriedWithDoubledJitteredPauses(Mood mood, String why) throws Exception {
    server.turn(mood);
    CompletableFuture<Finding> lookup = service(3).lookup(EnrichFixtures.observation("k", 1));

    for (long middle : new long[] {100, 200, 400}) {
      long pause = time.nextDelayBelow(RETRY_PAUSES);
      assertThat(pause).isBetween(middle / 2, middle * 3 / 2);
      assertThat(lookup).isNotDone();
      time.advance(pause);
    }
    assertThat(get(lookup)).isEqualTo(new Finding.Failed(why));
    assertThat(server.requests()).isEqualTo(4);
    assertThat(metrics.retries.getCount()).isEqualTo(3);
    assertThat(metrics.failures.getCount()).isEqualTo(1);
  }

  @Test
  void aRetryThatSucceedsIsASuccess() throws Exception {
    server.turn(Mood.ERRORS);
    CompletableFuture<Finding> lookup = service(1).lookup(EnrichFixtures.observation("k", 1));
    long pause = time.nextDelayBelow(RETRY_PAUSES);
    server.turn(Mood.HEALTHY);
    time.advance(pause);

    assertThat(get(lookup)).isInstanceOf(Finding.Found.class);
    assertThat(server.requests()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "GARBAGE, bad content: not JSON",
    "HUGE, answered more than 65536 bytes",
    "FORBIDDEN, answered 403"
  })
  void whatAnotherAttemptWouldNotMendIsNotRetried(Mood mood, String why) throws Exception {
    server.turn(mood);
    Finding finding = get(service(3).lookup(EnrichFixtures.observation("k", 1)));

    assertThat(((Finding.Failed) finding).why()).startsWith(why);
    assertThat(server.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[]", "{\"a\":{}}", "{\"a\":1}{", "{\"a\":1,\"a\":2}", "3", "{\"a\":\"NaN\"}"})
  void badContentIsAFailure(String body) throws Exception {
    server.answering(body);
    Finding finding = get(service(0).lookup(EnrichFixtures.observation("k", 1)));

    assertThat(((Finding.Failed) finding).why()).startsWith("bad content: ");
  }

  @Test
  void aRefusedConnectionIsRetriedAndAFailure() throws Exception {
    server.kill();
    CompletableFuture<Finding> lookup = service(1).lookup(EnrichFixtures.observation("k", 1));
    time.advance(time.nextDelayBelow(RETRY_PAUSES));

    assertThat(((Finding.Failed) get(lookup)).why()).startsWith("ConnectException");
    assertThat(metrics.retries.getCount()).isEqualTo(1);
  }

  @Test
  void aHangingServiceFailsTheAttemptAtItsLimitAndTheLookupAtItsOwn() throws Exception {
    server.turn(Mood.HANGING);
    CompletableFuture<Finding> once = service(0).lookup(EnrichFixtures.observation("k", 1));
    time.advance(29_999);
    assertThat(once).isNotDone();
    time.advance(1);
    assertThat(get(once)).isEqualTo(new Finding.Failed("no answer within 30000 ms"));

    CompletableFuture<Finding> often = service(20).lookup(EnrichFixtures.observation("k", 2));
    time.advance(60_000); // the attempt's limit and the lookup's deadline both are due
    assertThat(get(often)).isInstanceOf(Finding.Failed.class);
    assertThat(metrics.inFlight).hasValue(0);
  }

  @Test
  void theBreakerOpensAsksNobodyProbesAndCloses() throws Exception {
    server.turn(Mood.ERRORS);
    FeatureService service = service(breaker(4), 0);
    for (int i = 0; i < 4; i++) {
      assertThat(get(service.lookup(EnrichFixtures.observation("k", i))))
          .isEqualTo(new Finding.Failed("answered 500"));
    }
    assertThat(service.breakerState()).isEqualTo(1);
    assertThat(get(service.lookup(EnrichFixtures.observation("k", 5))))
        .isEqualTo(new Finding.Failed("the circuit breaker is open"));
    assertThat(server.requests()).isEqualTo(4);

    time.advance(5_001);
    for (int i = 6; i < 8; i++) {
      get(service.lookup(EnrichFixtures.observation("k", i)));
    }
    assertThat(server.requests()).as("two probes").isEqualTo(6);
    assertThat(service.breakerState()).as("open again").isEqualTo(1);

    time.advance(5_001);
    server.turn(Mood.HEALTHY);
    assertThat(get(service.lookup(EnrichFixtures.observation("k", 8))))
        .isInstanceOf(Finding.Found.class);
    assertThat(service.breakerState()).as("half-open").isEqualTo(2);
    assertThat(get(service.lookup(EnrichFixtures.observation("k", 9))))
        .isInstanceOf(Finding.Found.class);
    assertThat(service.breakerState()).as("closed").isZero();
  }

  @Test
  void whatTheBreakerRefusesIsNotTriedAgain() throws Exception {
    server.turn(Mood.ERRORS);
    FeatureService service = service(breaker(1), 3);
    CompletableFuture<Finding> lookup = service.lookup(EnrichFixtures.observation("k", 1));
    time.advance(time.nextDelayBelow(RETRY_PAUSES));

    assertThat(get(lookup)).isEqualTo(new Finding.Failed("the circuit breaker is open"));
    assertThat(server.requests()).isEqualTo(1);
    assertThat(metrics.retries.getCount()).isEqualTo(1);
  }

  private static EnrichSettings.Breaker breaker(int window) {
    return new EnrichSettings.Breaker(50, window, Duration.ofSeconds(5), 2);
  }

  private FeatureService service(int retries) {
    return service(breaker(1000), retries);
  }

  private FeatureService service(EnrichSettings.Breaker breaker, int retries) {
    return new FeatureService(
        EnrichFixtures.settings(server.url(), OnFailure.PROCEED, breaker, retries),
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
        time,
        time.clock(),
        metrics);
  }

  private static Finding get(CompletableFuture<Finding> lookup) throws Exception {
    return lookup.get(10, TimeUnit.SECONDS);
  }
}

package dev.sluice.tool.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {

  private static final String BEARER = "Bearer " + GuardUnderTest.TOKEN;

  @Test
  void healthIsTheGuardsAndReadinessTheJobs() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(guard.get("/healthz").statusCode()).isEqualTo(200);
      assertThat(guard.get("/healthz").body())
          .contains("\"status\":\"ok\"", "\"jobState\":\"RUNNING\"");
      guard.awaitReadiness(200, "\"status\":\"ok\"");
    }
  }

  @Test
  void aStopThatWouldBeRefusedIsToldEverywhereBeforeTheSignal() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.refusal = "no checkpoint yet";
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      guard.awaitReadiness(503, "a stop would be refused: no checkpoint yet");
      assertThat(guard.said.toString()).contains("a stop would be refused: no checkpoint yet");
      assertThat(guard.get("/metrics").body()).contains("sluice_guard_stop_possible 0.0");
      assertThat(guard.status().at("/rehearsal/good").asBoolean(true)).isFalse();
      assertThat(guard.get("/healthz").statusCode()).isEqualTo(200);
      guard.job.refusal = null;
      guard.job.seen = GuardUnderTest.running("j2");
      guard.awaitReadiness(200, "ok");
      assertThat(guard.said.toString())
          .contains("the stop is rehearsed: it would stop job (flights)");
      assertThat(guard.get("/metrics").body()).contains("sluice_guard_stop_possible 1.0");
    }
  }

  @Test
  void aGuardWithoutAJobIsAliveButNotReadyUntilTheJobIsThere() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      guard.job.seen = ObservedJob.absent(Instant.now(), "Flink knows no job (flights)");
      guard.awaitReadiness(503, "Flink knows no job (flights)");
      assertThat(guard.get("/healthz").statusCode()).isEqualTo(200);
      assertThat(guard.said.toString()).contains("waiting for the job");
    }
  }

  @Test
  void everyAnswerIsClosedToOtherSitesAndSaysNothingOfTheServer() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      for (String path : List.of("/", "/status.js", "/api/status", "/metrics", "/nope")) {
        HttpResponse<String> answer = guard.get(path);
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
            .contains("default-src 'none'", "script-src 'self'");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().firstValue("Server")).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/nope,404",
    "GET,/status.html,404",
    "GET,/../pom.xml,400",
    "GET,/stop,405",
    "POST,/,405",
    "DELETE,/healthz,405",
    "PUT,/api/status,405",
    "HEAD,/,200",
  })
  void whatIsNotServedIsAnsweredInJson(String method, String path, int code) throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      HttpResponse<String> answer = guard.ask(method, path);
      assertThat(answer.statusCode()).isEqualTo(code);
      if (code != 200) {
        assertThat(new ObjectMapper().readTree(answer.body()).has("error")).isTrue();
      }
    }
  }

  @Test
  void aRequestThatIsNoHttpIsAnsweredInJsonToo() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(raw(guard, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"))
          .startsWith("HTTP/1.1 400")
          .doesNotContainIgnoringCase("jetty");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]"})
  void anotherSitesNameThatPointsHereIsTurnedAway(String host) throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(raw(guard, "GET /api/status HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
          .startsWith("HTTP/1.1 421")
          .doesNotContain("flights");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:8090", "127.0.0.1:1", "[::1]:8090"})
  void theMachinesOwnNamesAreAnswered(String host) throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(raw(guard, "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
    }
  }

  /** What container probes read, byte for byte. */
  @Test
  void healthChecksOfComposeAndOldBalancersAreAnswered() throws Exception {
    Matcher check =
        Pattern.compile("printf '(GET /healthz .*?)' >&3")
            .matcher(Files.readString(Path.of("deploy", "compose", "compose.yaml")));
    assertThat(check.find()).isTrue();
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.listen = "0.0.0.0:0";
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      for (String request :
          List.of(
              check.group(1).replace("\\r", "\r").replace("\\n", "\n"),
              "GET /healthz HTTP/1.0\r\n\r\n")) {
        assertThat(raw(guard, request)).as(request).contains(" 200 ");
      }
      assertThat(raw(guard, "GET /api/status HTTP/1.0\r\n\r\n")).contains(" 401 ");
    }
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(raw(guard, "GET /api/status HTTP/1.0\r\n\r\n")).contains(" 421 ");
    }
  }

  @Test
  void aStopNeedsTheTokenAsBearer() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(guard.ask("POST", "/stop").statusCode()).isEqualTo(401);
      assertThat(guard.ask("POST", "/stop", "Authorization", "Bearer wrong").statusCode())
          .isEqualTo(401);
      assertThat(guard.ask("POST", "/stop", "Authorization", basic()).statusCode()).isEqualTo(401);
      assertThat(guard.stop.starts()).isZero();
      assertThat(guard.said.toString()).contains("without the token").doesNotContain("wrong");
      HttpResponse<String> taken = guard.ask("POST", "/stop", "Authorization", BEARER);
      assertThat(taken.statusCode()).isEqualTo(202);
      assertThat(taken.headers().firstValue("Location")).contains("/api/status");
      assertThat(guard.stop.starts()).isEqualTo(1);
      assertThat(guard.said.toString()).doesNotContain(GuardUnderTest.TOKEN);
    }
  }

  @Test
  void aChangedTokenHoldsAtOnceAndTwoHoldWhileBothAreThere() throws Exception {
    String next = "the-next-token-of-the-tests";
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      Path file = Objects.requireNonNull(guard.tokenFile);
      Files.writeString(file, next + "\n" + GuardUnderTest.TOKEN + "\n");
      assertThat(detachAs(guard, "a-token-of-somebody", "another")).isEqualTo(401);
      assertThat(detachAs(guard, GuardUnderTest.TOKEN, "another")).isEqualTo(409);
      assertThat(detachAs(guard, next, "another")).isEqualTo(409);
      Files.writeString(file, next);
      assertThat(detachAs(guard, GuardUnderTest.TOKEN, "another")).isEqualTo(401);
      Files.writeString(file, "");
      assertThat(detachAs(guard, next, "another")).as("while it is written").isEqualTo(409);
      Files.delete(file);
      assertThat(detachAs(guard, next, "another")).as("gone").isEqualTo(409);
      assertThat(guard.said.toString())
          .contains(
              "2 of them hold now", "the tokens that it held before stay valid for 30 s at most")
          .doesNotContain(next)
          .doesNotContain(GuardUnderTest.TOKEN);
      assertThat(guard.hasEnded()).isFalse();
    }
  }

  @Test
  void aDetachmentNeedsTheTokenAsBearerAndEndsNoStop() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(guard.ask("POST", "/detach").statusCode()).isEqualTo(401);
      assertThat(guard.ask("GET", "/detach").statusCode()).isEqualTo(405);
      assertThat(detachAs(guard, GuardUnderTest.TOKEN, "another")).as("job").isEqualTo(409);
      guard.ask("POST", "/stop", "Authorization", BEARER);
      assertThat(detachAs(guard, GuardUnderTest.TOKEN, "flights")).as("stops").isEqualTo(409);
      guard.signal("HUP");
      assertThat(guard.hasEnded()).isFalse();
      assertThat(guard.said.toString()).contains("SIGHUP: not leaving, but ending with the stop");
      guard.stop.endsWith(HeldStop.proved());
      assertThat(detachAs(guard, GuardUnderTest.TOKEN, "flights")).isEqualTo(200);
      assertThat(guard.exitCode()).isEqualTo(8);
    }
  }

  private static int detachAs(GuardUnderTest guard, String token, String job) throws Exception {
    return guard.ask("POST", "/detach?job=" + job, "Authorization", "Bearer " + token).statusCode();
  }

  @Test
  void withoutATokenNobodyStopsOverHttp() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.token = null;
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      HttpResponse<String> answer = guard.ask("POST", "/stop", "Authorization", "Bearer null");
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body()).contains("--token-file");
      assertThat(guard.stop.starts()).isZero();
    }
  }

  @Test
  void beyondLoopbackAGuardWithoutATokenDoesNotListen() {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.token = null;
    options.listen = "0.0.0.0:0";
    assertThatThrownBy(() -> new GuardUnderTest(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--token-file");
  }

  @Test
  void beyondLoopbackPagesNeedTheTokenAndHealthTellsNothingElse() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.listen = "0.0.0.0:0";
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      for (String path : List.of("/", "/api/status", "/metrics", "/nope")) {
        HttpResponse<String> answer = guard.get(path);
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Basic");
      }
      assertThat(guard.get("/healthz").body()).isEqualTo("{\"status\":\"ok\"}");
      assertThat(guard.get("/", "Authorization", BEARER).statusCode()).isEqualTo(200);
      assertThat(guard.get("/metrics", "Authorization", basic()).statusCode()).isEqualTo(200);
      assertThat(guard.get("/metrics", "Authorization", "Basic !").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void everyMetricHasHelpAndItsTypeAndItsUnit() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      guard.signal("TERM");
      guard.stop.begins(Step.PREFLIGHT, "checks");
      guard.stop.ends(Step.PREFLIGHT, StepResult.OK, 250, "fine");
      String text = guard.get("/metrics").body();
      assertThat(text)
          .contains("sluice_stop_in_progress 1.0")
          .contains("sluice_stop_grace_seconds 60.0")
          .contains("sluice_stop_step_duration_seconds{step=\"preflight\"} 0.25")
          .contains("sluice_stop_step_duration_seconds{step=\"sane\"} NaN")
          .contains("sluice_guard_job_running 1.0")
          .contains("sluice_guard_source_lag_records 1234.0")
          .contains("sluice_stop_outcome{outcome=\"proved\"} 0.0");
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.get("/metrics").body())
          .contains("sluice_stop_outcome{outcome=\"proved\"} 1.0")
          .contains("sluice_stop_savepoint_bytes 7.340032E7")
          .contains("sluice_stop_in_progress 0.0");
      assertLint(text);
    }
  }

  /** What {@code promtool check metrics} asks for. */
  private static void assertLint(String text) {
    Set<String> helped = new HashSet<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split("[ {]", -1);
      if (line.startsWith("# HELP")) {
        assertThat(words.length).as(line).isGreaterThan(3);
        helped.add(words[2]);
      } else if (line.startsWith("# TYPE")) {
        assertThat(words[2].endsWith("_total")).as(line).isEqualTo(words[3].equals("counter"));
      } else {
        assertThat(helped).as(line).contains(words[0]);
        assertThat(words[0]).matches("sluice_[a-z_]+");
      }
    }
    assertThat(helped).hasSizeGreaterThanOrEqualTo(15);
  }

  private static String basic() {
    String pair = "anybody:" + GuardUnderTest.TOKEN;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  /** Sends bytes that no HTTP client would, and reads the answer. */
  private static String raw(GuardUnderTest guard, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), guard.address().getPort())) {
      socket
          .getOutputStream()
          .write(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}

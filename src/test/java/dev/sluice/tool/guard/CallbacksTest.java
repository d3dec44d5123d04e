package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallbacksTest {

  private static final InetSocketAddress FREE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @TempDir Path folder;

  private final GuardUnderTest.Options options = new GuardUnderTest.Options();

  @Test
  void theWebhookGetsEachEventAndTheEndInTheirOrderWithTheToken() throws Exception {
    List<JsonNode> bodies = Collections.synchronizedList(new ArrayList<>());
    List<String> tokens = Collections.synchronizedList(new ArrayList<>());
    HttpServer server = HttpServer.create(FREE, 0);
    server.createContext(
        "/hook",
        exchange -> {
          tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
          bodies.add(new ObjectMapper().readTree(exchange.getRequestBody()));
          // The first attempt fails: the event comes again.
          exchange.sendResponseHeaders(bodies.size() == 1 ? 503 : 204, -1);
          exchange.close();
        });
    server.start();
    options.webhook = hook(server.getAddress().getPort());
    options.webhookToken = "hush-hush-hush-hush";
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      stop(guard);
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.said.toString()).doesNotContain("hush").doesNotContain("did not take");
    } finally {
      server.stop(0);
    }
    assertThat(bodies)
        .extracting(body -> body.path("step").asText() + "/" + body.path("event").asText())
        .containsExactly("preflight/started", "preflight/started", "preflight/ended", "/outcome");
    assertThat(bodies.get(3).path("job").asText()).isEqualTo("flights");
    assertThat(bodies.get(3).path("outcome").asText()).isEqualTo("proved");
    assertThat(bodies.get(3).path("exitCode").asInt(-1)).isZero();
    assertThat(bodies.get(3).path("snapshot").asText()).startsWith("file:///savepoints");
    assertThat(tokens).containsOnly("Bearer hush-hush-hush-hush");
  }

  @Test
  void aWebhookThatNeverAnswersDoesNotDelayTheStop() throws Exception {
    try (ServerSocket silent = new ServerSocket()) {
      silent.bind(FREE);
      options.webhook = hook(silent.getLocalPort());
      try (GuardUnderTest guard = new GuardUnderTest(options)) {
        long started = System.nanoTime();
        stop(guard);
        Duration held = Duration.ofNanos(System.nanoTime() - started);
        assertThat(held).isLessThan(Duration.ofMillis(1500));
        assertThat(guard.exitCode()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(7));
        assertThat(guard.said.toString()).contains("never reached the webhook at http://127.0.0.1");
        assertThat(guard.said.toString()).doesNotContain("secret-in-the-path");
      }
    }
  }

  @Test
  void whatTheWebhookDidNotTakeIsCounted() throws Exception {
    try (ServerSocket gone = new ServerSocket()) {
      gone.bind(FREE);
      options.webhook = hook(gone.getLocalPort());
    }
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      stop(guard);
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.said.toString()).contains("did not take the event");
      assertThat(guard.get("/metrics").body())
          .containsPattern("sluice_guard_webhook_failures_total [1-9]");
    }
  }

  @Test
  void theCommandHasTheStepInItsEnvironmentAndRunsNothingOfItsText() throws Exception {
    Path reported = folder.resolve("reported");
    options.job = "$(touch " + folder.resolve("pwned") + ")";
    options.onStep =
        "echo \"$SLUICE_JOB|$SLUICE_EVENT|$SLUICE_STEP|$SLUICE_RESULT|$SLUICE_DURATION_MS|$SLUICE_TEXT|$SLUICE_EXIT_CODE\" >> "
            + reported
            + "; echo done here";
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      guard.signal("TERM");
      guard.stop.begins(Step.PREFLIGHT, "checks");
      guard.stop.ends(Step.PREFLIGHT, StepResult.OK, 7, "`touch " + folder + "/pwned`; $(id)");
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.said.toString()).contains("--on-step after preflight: done here");
    }
    assertThat(Files.readAllLines(reported))
        .containsExactly(
            options.job + "|ended|preflight|ok|7|`touch " + folder + "/pwned`; $(id)|",
            options.job + "|outcome|stop|proved||Stopped, and nothing was lost.|0");
    assertThat(folder.resolve("pwned")).doesNotExist();
  }

  @Test
  void aCommandThatFailsIsToldAndTheStopGoesOn() throws Exception {
    options.onStep = "exit 3";
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      stop(guard);
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.said.toString()).contains("--on-step after preflight exited with 3");
      assertThat(guard.get("/metrics").body()).contains("sluice_guard_on_step_failures_total 2.0");
    }
  }

  @Test
  void aCommandThatTakesTooLongIsKilledWithItsChildren() throws IOException {
    Path child = folder.resolve("child");
    StringWriter said = new StringWriter();
    GuardLog log = new GuardLog(new PrintWriter(said, true), Clock.systemUTC());
    try (StepCommand command =
        new StepCommand(
            "sleep 60 & echo $! > " + child + "; wait",
            "j",
            Duration.ofMillis(400),
            log,
            () -> {})) {
      command.ended(new StopEnd(HeldStop.NOON, HeldStop.proved()));
    }
    long pid = Long.parseLong(Files.readString(child).strip());
    for (int i = 0; i < 50 && isAlive(pid); i++) {
      LockSupport.parkNanos(100_000_000);
    }
    assertThat(isAlive(pid)).isFalse();
    assertThat(said.toString()).contains("was killed after 0.4 s");
  }

  /** Whether it still does something: the end of a killed one may not have been queried yet. */
  private static boolean isAlive(long pid) throws IOException {
    Path stat = Path.of("/proc/" + pid + "/stat");
    return Files.exists(stat) && !Files.readString(stat).contains(") Z");
  }

  private static URI hook(int port) {
    return URI.create("http://127.0.0.1:" + port + "/hook?key=secret-in-the-path");
  }

  /** A stop of one step, from its signal to its end. */
  private static void stop(GuardUnderTest guard) {
    guard.signal("TERM");
    guard.stop.begins(Step.PREFLIGHT, "checks");
    guard.stop.ends(Step.PREFLIGHT, StepResult.OK, 5, "fine");
    guard.stop.endsWith(HeldStop.proved());
  }
}

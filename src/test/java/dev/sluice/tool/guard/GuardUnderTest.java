package dev.sluice.tool.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.Eventually;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A whole guard on a free port of loopback, for a job whose state the test sets. */
final class GuardUnderTest implements AutoCloseable {

  static final String TOKEN = "a-token-of-the-tests";

  /** When the jobs of the tests have begun. */
  static final Instant STARTED = Instant.parse("2026-11-22T11:00:00Z");

  static final Duration PATIENCE = Duration.ofSeconds(10);

  final FakeJob job;
  final HeldStop stop;
  final StringWriter said = new StringWriter();

  /** Where the guard reads its token. */
  final @Nullable Path tokenFile;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService waiting = Executors.newSingleThreadExecutor();
  private final GuardProcess process;
  private final Future<Integer> exit;

  GuardUnderTest(Options options) throws IOException, InterruptedException {
    tokenFile = file(options.token);
    job = new FakeJob(FakeJob.policy(options.job, options.rest, options.journal));
    stop = job.stop;
    job.refusal = options.refusal;
    job.rehearsalsWaitFor = options.rehearsalsWaitFor;
    job.seen = options.silent ? ObservedJob.unanswered(Instant.now(), "no answer") : options.first;
    if (options.adopts != null) {
      job.left = options.adopts;
    } else if (options.inFlight) {
      job.left = policy -> Optional.of(stop::start);
    }
    GuardSettings settings =
        new GuardSettings(
            Listen.parse(options.listen),
            tokenFile,
            options.webhook,
            file(options.webhookToken),
            options.onStep,
            Duration.ofSeconds(10),
            options.trail);
    process = GuardProcess.start(settings, job, new PrintWriter(said, true));
    process.watch();
    exit = waiting.submit(process::await);
  }

  /** What of a guard a test decides; the rest is as a user has it who says nothing. */
  static final class Options {
    String job = "flights";
    String listen = "127.0.0.1:0";
    @Nullable String token = TOKEN;
    @Nullable URI webhook;
    @Nullable String webhookToken;
    @Nullable String onStep;
    @Nullable Path trail;
    List<URI> rest = List.of(URI.create("http://127.0.0.1:1"));
    Path journal = Path.of("target", "guards-of-tests", UUID.randomUUID().toString());
    boolean inFlight;

    /** Finds a stop that was left; null for one as {@link #inFlight} says. */
    FakeJob.@Nullable Left adopts;

    boolean silent;

    /** What the guard sees when it starts, unless Flink is silent. */
    ObservedJob first = running("j1");

    @Nullable String refusal;

    @Nullable CountDownLatch rehearsalsWaitFor;
  }

  /** A file that the guard reads its token from; null for none. */
  private static @Nullable Path file(@Nullable String token) throws IOException {
    if (token == null) {
      return null;
    }
    Path directory = Files.createDirectories(Path.of("target", "tokens-of-tests"));
    return Files.writeString(Files.createTempFile(directory, "token", ""), token + "\n");
  }

  /** Waits until /readyz answers so. */
  void awaitReadiness(int status, String part) {
    Eventually.until(
        "/readyz answers %s with %s".formatted(status, part),
        PATIENCE,
        () -> {
          HttpResponse<String> answer = get("/readyz");
          return answer.statusCode() == status && answer.body().contains(part);
        });
  }

  static GuardUnderTest start() throws IOException, InterruptedException {
    return new GuardUnderTest(new Options());
  }

  static ObservedJob running(String id) {
    return new ObservedJob(
        Instant.now(), true, id, "RUNNING", STARTED, 1234L, 2000.5, 41L, Instant.now(), null);
  }

  URI address() {
    return process.address();
  }

  void signal(String name) {
    process.signalled(name);
  }

  boolean hasEnded() {
    return exit.isDone();
  }

  int exitCode() throws Exception {
    return exit.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return ask("GET", path, headers);
  }

  HttpResponse<String> ask(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address().resolve(path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  JsonNode status() throws IOException, InterruptedException {
    return new ObjectMapper().readTree(get("/api/status").body());
  }

  @Override
  public void close() throws IOException {
    waiting.shutdownNow();
    process.close();
    job.close();
  }
}

package dev.sluice.tool.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.Eventually;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.StopPolicy;
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
import java.util.Map;
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

  final HeldStop stop = new HeldStop();
  final StringWriter said = new StringWriter();
  volatile ObservedJob sight;

  /** Why rehearsals are refused; null if they go well. */
  volatile @Nullable String refusal;

  /** Where the guard reads its token. */
  final @Nullable Path tokenFile;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService waiting = Executors.newSingleThreadExecutor();
  private final GuardProcess process;
  private final Future<Integer> exit;

  GuardUnderTest(Options options) throws IOException, InterruptedException {
    refusal = options.refusal;
    sight = options.silent ? ObservedJob.unanswered(Instant.now(), "no answer") : options.first;
    tokenFile = file(options.token);
    StopPolicy policy =
        new StopPolicy(
            options.job,
            options.rest,
            null,
            false,
            false,
            Duration.ofSeconds(60),
            OnTimeout.FAIL,
            Duration.ofSeconds(30),
            null,
            options.journal,
            Map.of(),
            null,
            List.of(),
            ReceiptKeys.NONE);
    GuardSettings settings =
        new GuardSettings(
            policy,
            Listen.parse(options.listen),
            tokenFile,
            options.webhook,
            file(options.webhookToken),
            options.onStep,
            Duration.ofSeconds(10),
            options.trail);
    process =
        GuardProcess.start(
            settings,
            new GuardOperations(
                stop,
                options.adopts != null
                    ? options.adopts
                    : asked -> options.inFlight ? Optional.of(stop) : Optional.empty(),
                asked -> rehearse(options),
                running -> Optional.empty()),
            () -> sight,
            ToolServices.real(),
            new PrintWriter(said, true));
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
    GuardOperations.@Nullable InFlight adopts;

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

  private String rehearse(Options options) throws IOException, InterruptedException {
    if (options.rehearsalsWaitFor != null) {
      options.rehearsalsWaitFor.await();
    }
    String why = refusal;
    if (why != null) {
      throw new IOException(why);
    }
    return "would stop job (flights)";
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
  }
}

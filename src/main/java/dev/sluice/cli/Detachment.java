package dev.sluice.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.guard.Listen;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Ends a guard over HTTP; its job runs on. */
final class Detachment {

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration END = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(200);

  private final URI guard;
  private final String job;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  /**
   * @param where the guard listens
   * @param job of which it must be, as it was told
   */
  Detachment(Listen where, String job) {
    String host = where.host().contains(":") ? "[" + where.host() + "]" : where.host();
    this.guard = URI.create("http://%s:%s/".formatted(host, where.port()));
    this.job = job;
  }

  /**
   * Asks the guard to leave, and waits until it has gone.
   *
   * @return what has become of it, a sentence
   * @throws IOException if it does not leave, with the reason
   */
  String run(String token) throws IOException, InterruptedException {
    String query = "detach?job=" + URLEncoder.encode(job, StandardCharsets.UTF_8);
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(guard.resolve(query))
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.noBody()));
    if (answer.statusCode() != 200) {
      throw new IOException(
          "the guard at %s does not leave (%s): %s"
              .formatted(guard, answer.statusCode(), reason(answer.body())));
    }
    long deadline = System.nanoTime() + END.toNanos();
    do {
      if (hasGone()) {
        return "The guard of %s at %s has left, and the job runs on: nobody stops it until the next guard is there"
            .formatted(job, guard);
      }
      Thread.sleep(LOOK.toMillis());
    } while (System.nanoTime() < deadline);
    return "The guard of %s said that it leaves, and %s still answers: the next guard, if it was started meanwhile. See /api/status"
        .formatted(job, guard);
  }

  private boolean hasGone() throws InterruptedException {
    try {
      send(HttpRequest.newBuilder(guard.resolve("healthz")).GET());
      return false;
    } catch (IOException gone) {
      return true;
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try {
      return http.send(request.timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new IOException(
          "no guard answers at %s: name the address that it listens at with --listen"
              .formatted(guard),
          e);
    }
  }

  private static String reason(String body) {
    try {
      return new ObjectMapper().readTree(body).path("error").asText("no reason is given");
    } catch (JsonProcessingException e) {
      return "what answers there is no guard";
    }
  }
}

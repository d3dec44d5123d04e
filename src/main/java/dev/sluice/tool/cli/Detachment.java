package dev.sluice.tool.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.guard.Listen;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.refusal.SilentException;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
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
  private static final Duration HANGS = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(200);

  private final URI guard;
  private final String job;
  private final Time time;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  /**
   * @param where the guard listens
   * @param job which it must guard, as it was named
   */
  Detachment(Listen where, String job, Time time) {
    this.time = time;
    String host = where.host().contains(":") ? "[" + where.host() + "]" : where.host();
    this.guard = URI.create("http://%s:%s/".formatted(host, where.port()));
    this.job = job;
  }

  /**
   * The state of the guard afterwards.
   *
   * @param gone whether its end was observed; false if that is not known
   * @param text a sentence
   */
  record Answer(boolean gone, String text) {}

  /**
   * Asks the guard to leave, and waits until it has ended.
   *
   * @throws IOException if it does not leave, with the reason, or there is none to ask
   */
  Answer run(String token) throws IOException, InterruptedException {
    String query = "detach?job=" + URLEncoder.encode(job, StandardCharsets.UTF_8);
    HttpResponse<String> answer;
    try {
      answer =
          http.send(
              HttpRequest.newBuilder(guard.resolve(query))
                  .header("Authorization", "Bearer " + token)
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .timeout(ANSWER)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new SilentException(
          RefusalCode.NO_ANSWER.in(
              "no guard answers at %s: name the address that it listens at with --listen"
                  .formatted(guard)),
          e);
    } catch (IOException e) {
      return new Answer(
          false,
          "The guard at %s has taken the request and has not answered (%s): whether it leaves is not known, ask again"
              .formatted(guard, e.getMessage()));
    }
    if (answer.statusCode() != 200) {
      throw new IOException(
          "the guard at %s does not leave (%s): %s"
              .formatted(guard, answer.statusCode(), reason(answer.body())));
    }
    Deadline deadline = time.after(END);
    do {
      if (hasGone()) {
        return new Answer(
            true,
            "The guard of %s at %s has left, and the job runs on: no guard stops it until the next one is there"
                .formatted(job, guard));
      }
      time.sleep(LOOK);
    } while (!deadline.isOver());
    return new Answer(
        false,
        ("The guard of %s said that it leaves, and somebody still listens at %s: the next guard, if it was started "
                + "meanwhile, or this one has not ended yet. See /api/status")
            .formatted(job, guard));
  }

  /** Only when no process listens there any more: a guard that hangs does not answer either. */
  private boolean hasGone() throws InterruptedException {
    try {
      http.send(
          HttpRequest.newBuilder(guard.resolve("healthz")).timeout(HANGS).GET().build(),
          HttpResponse.BodyHandlers.discarding());
      return false;
    } catch (ConnectException nobodyListens) {
      return true;
    } catch (IOException hangsOrIsJustEnding) {
      return false;
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

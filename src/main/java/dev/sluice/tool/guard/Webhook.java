package dev.sluice.tool.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.guard.Mailbox.Message;
import dev.sluice.tool.stop.EventFields;
import dev.sluice.tool.stop.StopEvent;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Posts each event of a stop, and its end, as JSON to an address. An answer of 2xx is a delivery;
 * anything else is retried, some times, while the stop continues.
 */
final class Webhook implements Callback {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CAPACITY = 256;

  private final Target target;
  private final String job;
  private final GuardLog log;
  private final Runnable onFailure;
  private final HttpClient http;
  private final Mailbox box;
  private final Time time;

  Webhook(Target target, String job, GuardLog log, Runnable onFailure, Time time) {
    this.time = time;
    this.target = target;
    this.job = job;
    this.log = log;
    this.onFailure = onFailure;
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(target.patience())
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this.box = new Mailbox("webhook", CAPACITY, this::deliver, onFailure);
  }

  /**
   * Where events go.
   *
   * @param address http or https
   * @param tokens the first of them is sent as Bearer; null for none
   * @param patience for one attempt
   * @param attempts for one event
   * @param pause before the second attempt, doubled before each further one
   */
  record Target(
      URI address, @Nullable TokenFile tokens, Duration patience, int attempts, Duration pause) {

    static Target of(URI address, @Nullable TokenFile tokens) {
      return new Target(address, tokens, Duration.ofSeconds(2), 4, Duration.ofMillis(250));
    }

    /** The address without what may be secret in it. */
    String shown() {
      int port = address.getPort();
      return address.getScheme() + "://" + address.getHost() + (port < 0 ? "" : ":" + port);
    }

    @Override
    public String toString() {
      return "Target[" + shown() + "]";
    }
  }

  @Override
  public void on(StopEvent event) {
    put(EventFields.of(event), event instanceof StopEvent.Progress);
  }

  @Override
  public void ended(StopEnd end) {
    put(end.fields(), false);
  }

  private void put(Map<String, Object> fields, boolean progress) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("job", job);
    all.putAll(fields);
    box.put(new Message(all, progress));
  }

  private void deliver(Message message) {
    String failure = "";
    Duration pause = target.pause();
    try {
      byte[] body = JSON.writeValueAsBytes(message.fields());
      for (int attempt = 1; attempt <= target.attempts(); attempt++) {
        failure = post(body);
        if (failure.isEmpty()) {
          return;
        }
        int allowed = box.isClosing() ? Math.min(2, target.attempts()) : target.attempts();
        if (attempt >= allowed) {
          break;
        }
        time.sleep(pause);
        pause = pause.multipliedBy(2);
      }
    } catch (JsonProcessingException e) {
      failure = "" + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = "the guard ends";
    }
    onFailure.run();
    log.say(
        "the webhook at %s did not take the event %s %s: %s"
            .formatted(
                target.shown(),
                message.fields().getOrDefault("step", "stop"),
                message.fields().get("event"),
                failure));
  }

  /** Posts once; empty if it was taken, or else why not. */
  private String post(byte[] body) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target.address())
            .timeout(target.patience())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    TokenFile tokens = target.tokens();
    if (tokens != null) {
      request.header("Authorization", "Bearer " + tokens.first());
    }
    try {
      int status = http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      return status / 100 == 2 ? "" : "it answered " + status;
    } catch (IOException e) {
      return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }
  }

  @Override
  public void close() {
    int left = box.close(target.patience().plusSeconds(1));
    if (left > 0) {
      log.say("%s events never reached the webhook at %s".formatted(left, target.shown()));
    }
  }
}

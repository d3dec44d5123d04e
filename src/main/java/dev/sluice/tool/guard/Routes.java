package dev.sluice.tool.guard;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What the guard serves: each path, who may ask for it, and the answer. */
final class Routes extends Handler.Abstract {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JSON_TYPE = "application/json";
  private static final List<String> READING = List.of("GET", "HEAD");
  private static final List<String> COMMANDING = List.of("POST");

  private final Guard guard;
  private final GuardStatus status;
  private final Access access;
  private final Time time;
  private final GuardLog log;
  private final Map<String, Supplier<Answer>> pages = new LinkedHashMap<>();
  private volatile long lastWatchedNanos;
  private volatile boolean watched;

  Routes(
      Guard guard,
      GuardStatus status,
      GuardMetrics metrics,
      Access access,
      Time time,
      GuardLog log) {
    this.time = time;
    this.guard = guard;
    this.status = status;
    this.access = access;
    this.log = log;
    file("/", "status.html", "text/html; charset=utf-8");
    file("/status.css", "status.css", "text/css; charset=utf-8");
    file("/status.js", "status.js", "text/javascript; charset=utf-8");
    pages.put("/api/status", () -> answer(200, seen()));
    pages.put(
        "/metrics",
        () -> Answer.of(200, "text/plain; version=0.0.4; charset=utf-8", bytes(metrics.text())));
  }

  /**
   * What is sent back.
   *
   * @param body owned, never modified
   * @param headers in addition to those that every answer has
   * @param last whether the guard ends once it is out
   */
  private record Answer(
      int status, String type, byte[] body, Map<String, String> headers, boolean last) {

    static Answer of(int status, String type, byte[] body) {
      return new Answer(status, type, body, Map.of(), false);
    }

    Answer with(String header, String value) {
      return new Answer(status, type, body, Map.of(header, value), last);
    }

    Answer asLast() {
      return new Answer(status, type, body, headers, true);
    }
  }

  private void file(String path, String name, String type) {
    try (InputStream in = Routes.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + name);
      }
      Answer answer = Answer.of(200, type, in.readAllBytes());
      pages.put(path, () -> answer);
    } catch (IOException e) {
      throw new IllegalStateException("the jar's %s can't be read".formatted(name), e);
    }
  }

  private Map<String, Object> seen() {
    lastWatchedNanos = time.nanos();
    watched = true;
    return status.full();
  }

  /** Whether a page has asked for the status in these last seconds. */
  boolean isWatched(long seconds) {
    return watched && time.since(lastWatchedNanos).toSeconds() < seconds;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Answer answer = answer(request);
    // A guard that ends before its answer is out would look like one that was killed.
    Callback after = answer.last() ? Callback.from(callback, guard::left) : callback;
    send(response, after, answer, request.getMethod().equals("HEAD"));
    return true;
  }

  /** The answer to a request that Jetty itself refuses, or that broke an answer off. */
  boolean refuse(Request request, Response response, Callback callback) {
    int code = response.getStatus() < 400 ? 500 : response.getStatus();
    send(response, callback, problem(code, "this request can't be answered"), false);
    return true;
  }

  private Answer answer(Request request) {
    HttpFields headers = request.getHeaders();
    if (!access.isOwnHost(headers.get(HttpHeader.HOST))) {
      return problem(
          421, "the guard answers under its own address only, as http://127.0.0.1, not this Host");
    }
    String path = Request.getPathInContext(request);
    String authorization = headers.get(HttpHeader.AUTHORIZATION);
    return switch (path) {
      case "/stop" -> allowed(COMMANDING, request, () -> stop(request, authorization));
      case "/detach" -> allowed(COMMANDING, request, () -> detach(request, authorization));
      case "/healthz" -> allowed(READING, request, () -> health(status.sickness(), authorization));
      case "/readyz" ->
          allowed(READING, request, () -> health(status.unreadiness(), authorization));
      default -> page(path, request, authorization);
    };
  }

  private static Answer allowed(List<String> methods, Request request, Supplier<Answer> answer) {
    if (methods.contains(request.getMethod())) {
      return answer.get();
    }
    String allowed = String.join(", ", methods);
    return problem(405, request.getMethod() + " is not for here, but " + allowed)
        .with("Allow", allowed);
  }

  private Answer page(String path, Request request, @Nullable String authorization) {
    if (!access.mayRead(authorization)) {
      return unauthorized("Basic realm=\"sluice guard\", charset=\"UTF-8\"");
    }
    Supplier<Answer> page = pages.get(path);
    return page == null
        ? problem(
            404, "there is no " + path + " here: /, /healthz, /readyz, /metrics, /stop, /detach")
        : allowed(READING, request, page);
  }

  /**
   * The answer to a probe.
   *
   * @param reason why it is unavailable; null if it is not
   */
  private Answer health(@Nullable String reason, @Nullable String authorization) {
    return answer(
        reason == null ? 200 : 503,
        access.mayRead(authorization)
            ? status.health(reason)
            : Map.of("status", reason == null ? "ok" : "unavailable"));
  }

  /** Why this request may not command the guard; null if it may. */
  private @Nullable Answer refusal(Request request, @Nullable String authorization, String what) {
    if (!access.hasToken()) {
      return problem(
          403, what + " over HTTP is off: start the guard with --token-file to switch it on");
    }
    if (!access.mayStop(authorization)) {
      log.say(
          "POST %s from %s without the token"
              .formatted(Request.getPathInContext(request), Request.getRemoteAddr(request)));
      return unauthorized("Bearer realm=\"sluice guard\"");
    }
    return request.getLength() > 0
        ? problem(
            400,
            "POST %s takes no body: the guard's own flags hold"
                .formatted(Request.getPathInContext(request)))
        : null;
  }

  private Answer detach(Request request, @Nullable String authorization) {
    Answer refusal = refusal(request, authorization, "detaching");
    if (refusal != null) {
      return refusal;
    }
    String job = Request.extractQueryParameters(request).getValue("job");
    if (job != null && !job.equals(status.job())) {
      return problem(
          409, "this guard is of the job (%s), not of (%s)".formatted(status.job(), job));
    }
    return switch (guard.detach("POST /detach from " + Request.getRemoteAddr(request))) {
      case BEGUN -> leaving().asLast(); // another one that ended it would break this off
      case BEGUN_BEFORE -> leaving();
      case STOPPING ->
          problem(
              409, "a stop is in progress, see /api/status: the guard ends with it, or runs on");
      case ASKING ->
          problem(
              409,
              "SIGTERM or SIGINT came before: another guard is asked to take over, or the job is stopped, see "
                  + "/api/status");
      case OVER -> problem(409, "this guard ends already, see /api/status");
    };
  }

  private Answer leaving() {
    return answer(
        200,
        Map.of("status", "leaving", "job", status.job(), "text", "the job runs on, unguarded"));
  }

  private Answer stop(Request request, @Nullable String authorization) {
    Answer refusal = refusal(request, authorization, "stopping");
    if (refusal != null) {
      return refusal;
    }
    boolean begun = guard.begin("POST /stop from " + Request.getRemoteAddr(request));
    if (!begun && !guard.isStopping()) {
      return problem(409, "this guard ends: ask the next one");
    }
    String now = begun ? "stopping" : "already stopping";
    log.say("POST /stop: " + now);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("status", now);
    json.put("see", "/api/status");
    return answer(202, json).with("Location", "/api/status");
  }

  private static Answer unauthorized(String challenge) {
    return problem(401, "this needs the token of --token-file").with("WWW-Authenticate", challenge);
  }

  private static Answer problem(int status, String text) {
    return answer(status, Map.of("error", text));
  }

  private static Answer answer(int status, Map<String, Object> json) {
    try {
      return Answer.of(status, JSON_TYPE, JSON.writeValueAsBytes(json));
    } catch (IOException e) {
      return Answer.of(500, JSON_TYPE, bytes("{\"error\":\"no JSON\"}"));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void send(Response response, Callback callback, Answer answer, boolean head) {
    response.setStatus(answer.status());
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.CONTENT_TYPE, answer.type());
    headers.put(HttpHeader.CONTENT_LENGTH, answer.body().length);
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("X-Frame-Options", "DENY");
    headers.put(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    answer.headers().forEach(headers::put);
    response.write(true, head ? null : ByteBuffer.wrap(answer.body()), callback);
  }
}

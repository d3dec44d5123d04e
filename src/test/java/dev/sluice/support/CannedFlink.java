package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A JobManager with given answers, which remembers what it was asked. */
public final class CannedFlink implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    // An answer is two writes: the second would wait 40 ms for the client to acknowledge the first.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Map<String, Consumer<String>> heard = new ConcurrentHashMap<>();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final Map<String, String> refusing = new ConcurrentHashMap<>();
  private final AtomicInteger electing = new AtomicInteger();
  private final AtomicInteger hiding = new AtomicInteger();

  private CannedFlink(HttpServer server) {
    this.server = server;
  }

  /** One that knows nothing yet. */
  public static CannedFlink start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    CannedFlink flink = new CannedFlink(server);
    server.createContext("/", flink::answer);
    server.start();
    return flink;
  }

  /** From now on it answers this. */
  public CannedFlink tell(String path, String json) {
    answers.put(path, json);
    return this;
  }

  /** From now on it knows nothing of this. */
  public void forget(String path) {
    answers.remove(path);
  }

  /**
   * From now on it does this when it is asked so, before it answers.
   *
   * @param request method and path
   * @param what is given the request's body
   */
  public CannedFlink when(String request, Consumer<String> what) {
    heard.put(request, what);
    return this;
  }

  /** Answers the next requests as a JobManager does while the next one is elected. */
  public CannedFlink elects(int requests) {
    electing.set(requests);
    return this;
  }

  /** A proxy before it does not take the next requests' credentials. */
  public CannedFlink hides(int requests) {
    hiding.set(requests);
    return this;
  }

  /** From now on it can't answer this. */
  public CannedFlink fail(String path) {
    failing.add(path);
    return this;
  }

  /** From now on it can answer this again. */
  public void heal(String path) {
    failing.remove(path);
  }

  /**
   * From now on it answers this with 400.
   *
   * @param trace the stack trace that says why
   */
  public CannedFlink refuse(String path, String trace) {
    refusing.put(path, trace);
    return this;
  }

  /** Where it is. */
  public List<URI> addresses() {
    return List.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  /** Method and path of every request so far. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String request = exchange.getRequestMethod() + " " + path;
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    asked.add(request);
    if (electing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      send(
          exchange,
          503,
          "{\"errors\":[\"Service temporarily unavailable due to an ongoing election\"]}");
      return;
    }
    if (hiding.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      send(exchange, 401, "<html>who are you?</html>");
      return;
    }
    if (failing.contains(path)) {
      send(exchange, 500, "{\"errors\":[\"Internal server error.\"]}");
      return;
    }
    String refusal = refusing.get(path);
    if (refusal != null) {
      send(
          exchange,
          400,
          JSON.writeValueAsString(Map.of("errors", List.of("Bad request.", refusal))));
      return;
    }
    heard.getOrDefault(request, reported -> {}).accept(body);
    String known = answers.get(path);
    send(
        exchange,
        known == null ? 404 : 200,
        known == null ? "{\"errors\":[\"not found\"]}" : known);
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}

package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A JobManager that tells what it is given to tell, and remembers what it was asked. */
public final class CannedFlink implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

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
    asked.add(exchange.getRequestMethod() + " " + path);
    String known = answers.get(path);
    byte[] body = (known == null ? "{\"errors\":[\"not found\"]}" : known).getBytes(UTF_8);
    exchange.sendResponseHeaders(known == null ? 404 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}

package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;

/**
 * A proxy before a JobManager: HTTPS on both sides, with a path of its own, for those who know its
 * password. It shows its key to the JobManager.
 */
public final class ReverseProxy implements AutoCloseable {

  private final HttpsServer server;
  private final HttpClient client;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final String path;
  private final String target;
  private final String authorization;
  private final AtomicLong passed = new AtomicLong();

  private ReverseProxy(
      HttpsServer server, SSLContext tls, String path, String target, String authorization) {
    this.server = server;
    this.client =
        HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
    this.path = path;
    this.target = target;
    this.authorization = authorization;
  }

  /**
   * Starts it.
   *
   * @param key whose certificate it shows, on either side
   * @param path what its addresses begin with, and what is taken off
   * @param target where it passes requests on
   * @param authorization the header that it wants
   */
  public static ReverseProxy start(
      Certificates certificates, String key, String path, String target, String authorization)
      throws Exception {
    SSLContext tls = certificates.context(key);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    ReverseProxy proxy = new ReverseProxy(server, tls, path, target, authorization);
    server.createContext("/", proxy::answer);
    server.setExecutor(proxy.threads);
    server.start();
    return proxy;
  }

  /** What {@code --rest} names. */
  public String address() {
    return "https://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /** How many requests were passed on. */
  public long passed() {
    return passed.get();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String asked = exchange.getRequestURI().toString();
      if (!asked.startsWith(path + "/")) {
        send(exchange, 404, "<html>no such page</html>".getBytes(UTF_8));
      } else if (!authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"flink\"");
        send(exchange, 401, "<html>who are you?</html>".getBytes(UTF_8));
      } else {
        HttpResponse<byte[]> answer = pass(exchange, asked.substring(path.length()), body);
        send(exchange, answer.statusCode(), answer.body());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpResponse<byte[]> pass(HttpExchange exchange, String asked, byte[] body)
      throws IOException, InterruptedException {
    passed.incrementAndGet();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(target + asked))
            .method(
                exchange.getRequestMethod(),
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type != null) {
      request.header("Content-Type", type);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }
}

package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A feature service over real HTTP that fails on command. Used by many threads. */
public final class FeatureServer implements AutoCloseable {

  /** How it answers. */
  public enum Mood {
    HEALTHY,
    SLOW,
    HANGING,
    GARBAGE,
    ERRORS,
    NOT_FOUND,
    HUGE,
    BUSY,
    FORBIDDEN
  }

  private static final long SLOW_MS = 120;
  private static final int HUGE_BYTES = (64 << 10) + 1;

  private final ExecutorService handlers = Executors.newCachedThreadPool();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicInteger requests = new AtomicInteger();
  private final Queue<String> paths = new ConcurrentLinkedQueue<>();
  private final int port;
  private volatile HttpServer server;
  private volatile Mood mood = Mood.HEALTHY;
  private volatile String body = "{\"weather\":\"rain\",\"wind\":12.5,\"storm\":true,\"fog\":null}";
  private volatile String authorisation = "";

  /** Starts one, healthy, on a free port of the loopback interface. */
  public FeatureServer() {
    server = listen(0);
    port = server.getAddress().getPort();
  }

  private HttpServer listen(int wanted) {
    try {
      HttpServer started =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
      started.setExecutor(handlers);
      started.createContext("/", this::handle);
      started.start();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@code sluice.enrich.url} is to be. */
  public String url() {
    return "http://127.0.0.1:" + port + "/features/{key}?id={id}&at={time}";
  }

  /** Answers like this from now on. */
  public FeatureServer turn(Mood now) {
    mood = now;
    return this;
  }

  /** What it answers while it is healthy or slow. */
  public FeatureServer answering(String json) {
    body = json;
    return this;
  }

  /** Ends: connections break, new ones are refused. */
  public void kill() {
    server.stop(0);
  }

  /** Listens again on its port. */
  public void revive() {
    server = listen(port);
  }

  /** Requests that came so far. */
  public int requests() {
    return requests.get();
  }

  /** The paths asked for so far, with their queries, undecoded. */
  public Queue<String> paths() {
    return paths;
  }

  /** The last request's Authorization header, empty if it had none. */
  public String authorisation() {
    return authorisation;
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    paths.add(exchange.getRequestURI().toString());
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    authorisation = header == null ? "" : header;
    try {
      switch (mood) {
        case HEALTHY -> send(exchange, 200, body.getBytes(UTF_8));
        case SLOW -> {
          pause(SLOW_MS);
          send(exchange, 200, body.getBytes(UTF_8));
        }
        case HANGING -> pause(Long.MAX_VALUE);
        case GARBAGE -> send(exchange, 200, "<html>oops</html>".getBytes(UTF_8));
        case ERRORS -> send(exchange, 500, "{}".getBytes(UTF_8));
        case NOT_FOUND -> send(exchange, 404, "{}".getBytes(UTF_8));
        case HUGE -> send(exchange, 200, new byte[HUGE_BYTES]);
        case BUSY -> send(exchange, 429, new byte[1]);
        case FORBIDDEN -> send(exchange, 403, new byte[1]);
      }
    } finally {
      exchange.close();
    }
  }

  private void pause(long ms) throws IOException {
    try {
      boolean ended = closing.await(ms, TimeUnit.MILLISECONDS);
      if (ended) {
        throw new IOException("closing");
      }
    } catch (InterruptedException e) {
      throw new IOException("closing", e);
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    handlers.shutdownNow();
  }
}

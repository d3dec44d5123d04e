package dev.sluice.tool.guard;

import java.io.IOException;
import java.net.URI;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The guard's HTTP server: small, and of few words about itself. */
final class GuardServer implements AutoCloseable {

  private static final int THREADS = 10;
  private static final int IDLE_MS = 15_000;
  private static final int HEADER_BYTES = 8 * 1024;

  private final Server server;
  private final ServerConnector connector;
  private final Listen listen;

  private GuardServer(Server server, ServerConnector connector, Listen listen) {
    this.server = server;
    this.connector = connector;
    this.listen = listen;
  }

  /**
   * Binds and serves.
   *
   * @throws IOException if it can't listen at the address
   */
  static GuardServer start(Listen listen, Routes routes) throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
    threads.setName("guard-http");
    threads.setDaemon(true);
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(listen.host());
    connector.setPort(listen.port());
    connector.setIdleTimeout(IDLE_MS);
    server.addConnector(connector);
    server.setHandler(routes);
    server.setErrorHandler(routes::refuse);
    server.setStopAtShutdown(false);
    server.setStopTimeout(0);
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException(
          "the guard can't listen on %s:%s: %s".formatted(listen.host(), listen.port(), e), e);
    }
    return new GuardServer(server, connector, listen);
  }

  /** Where it serves, with the port that it got. */
  URI address() {
    String host = listen.host().contains(":") ? "[" + listen.host() + "]" : listen.host();
    return URI.create("http://%s:%s/".formatted(host, connector.getLocalPort()));
  }

  @Override
  public void close() throws IOException {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException("the guard's HTTP server did not stop: " + e, e);
    }
  }
}

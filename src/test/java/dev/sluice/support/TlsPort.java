package dev.sluice.support;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A port that speaks TLS and nothing else: a plaintext client is informed by an alert. */
public final class TlsPort implements AutoCloseable {

  private final SSLServerSocket server;
  private final Set<SSLSocket> open = ConcurrentHashMap.newKeySet();

  private TlsPort(SSLServerSocket server) {
    this.server = server;
  }

  /** One that shows the key of this context. */
  public static TlsPort open(SSLContext context) throws IOException {
    TlsPort port =
        new TlsPort(
            (SSLServerSocket)
                context
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    thread(port::accept);
    return port;
  }

  /** Where it is. */
  public String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Properties of a Kafka client that knows nothing of TLS. */
  public Properties client() {
    Properties client = new Properties();
    client.put("bootstrap.servers", address());
    return client;
  }

  private void accept() {
    try {
      while (true) {
        SSLSocket socket = (SSLSocket) server.accept();
        open.add(socket);
        thread(() -> shakeHands(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void shakeHands(SSLSocket socket) {
    try (socket) {
      socket.startHandshake();
    } catch (IOException noTls) {
      open.remove(socket); // The alert was sent.
    }
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "tls-port");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SSLSocket connection : open) {
      connection.close();
    }
  }
}

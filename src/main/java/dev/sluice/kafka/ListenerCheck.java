package dev.sluice.kafka;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects a TLS client at ports without TLS, and a plaintext client at ports with TLS.
 *
 * <p>Kafka's clients can't detect that themselves. To a request in plaintext a TLS port answers
 * with an alert, 15 03 03 00 02 …, whose first four bytes a client takes for the length of an
 * answer: it asks for 352 MB, and its thread dies of it, or it waits for bytes that never come. The
 * other way round the broker takes the first bytes of TLS for a request that is too long, and hangs
 * up. So one request, ApiVersions, which every broker answers before authentication, is sent to
 * each bootstrap server, and the first bytes of the answer are checked.
 *
 * <p>An unknown result after two seconds has no consequence: the client finds out itself.
 */
public final class ListenerCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ListenerCheck.class);

  private static final Duration LIMIT = Duration.ofSeconds(2);

  /** By which an answer is known to be one of Kafka's, to this request. */
  private static final int CORRELATION = 0x536c7563;

  private static final int LONGEST_ANSWER = 1 << 16;

  /** What TLS sends first: an alert or a handshake, then its major version. */
  private static final int TLS_ALERT = 0x1503;

  private static final int TLS_HANDSHAKE = 0x1603;

  private enum Speaks {
    PLAINTEXT,
    TLS,
    UNKNOWN
  }

  private ListenerCheck() {}

  /**
   * Checks before a client without TLS is created. Asks nothing for one that does: its request
   * would be logged as a failed login.
   *
   * @param client its properties
   * @param prefix what the properties' names begin with where their owner sets them
   * @return what is wrong, as in "a:9093 speaks TLS, and security.protocol is (PLAINTEXT); …"
   */
  public static Optional<String> beforeConnecting(Properties client, String prefix) {
    return find(
        client,
        prefix,
        protocol -> !ofTls(protocol),
        servers -> servers.filter(server -> speaks(server) == Speaks.TLS).findFirst(),
        "%s speaks TLS, and %s is (%s); set it to SSL or SASL_SSL, or name the port of another listener");
  }

  /**
   * Checks after a client with TLS got no answer. If one bootstrap server can't be reached or
   * speaks TLS, the client may be answered later, so nothing is wrong for good: a list with one old
   * entry works while the other servers are up.
   *
   * @param client its properties
   * @param prefix as in {@link #beforeConnecting}
   * @return what is wrong, as in "a:9092 does not speak TLS, and security.protocol is (SSL); …"
   */
  public static Optional<String> afterSilence(Properties client, String prefix) {
    return find(
        client,
        prefix,
        ListenerCheck::ofTls,
        servers ->
            Optional.of(servers.toList())
                .filter(all -> all.stream().allMatch(each -> speaks(each) == Speaks.PLAINTEXT))
                .map(all -> String.join(",", all)),
        "%s does not speak TLS, and %s is (%s); name the port of the listener that does, or set it to PLAINTEXT "
            + "or SASL_PLAINTEXT");
  }

  private static boolean ofTls(String protocol) {
    return protocol.endsWith("SSL");
  }

  private static Optional<String> find(
      Properties client,
      String prefix,
      Predicate<String> asking,
      Function<Stream<String>, Optional<String>> wrong,
      String words) {
    AbstractConfig config;
    try {
      config = new AbstractConfig(AdminClientConfig.configDef(), client, false);
    } catch (KafkaException e) {
      return Optional.empty(); // creating the client reports it
    }
    String protocol =
        String.valueOf(config.getString(AdminClientConfig.SECURITY_PROTOCOL_CONFIG))
            .toUpperCase(Locale.ROOT);
    if (!asking.test(protocol)) {
      return Optional.empty();
    }
    FutureTask<Optional<String>> task =
        new FutureTask<>(
            () ->
                wrong
                    .apply(servers(config).stream())
                    .map(
                        server ->
                            words.formatted(
                                server,
                                prefix + AdminClientConfig.SECURITY_PROTOCOL_CONFIG,
                                protocol)));
    Thread thread = new Thread(task, "listener-check"); // a name's address may take long to find
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("What {} speak is not known", servers(config), e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static List<String> servers(AbstractConfig config) {
    return config.getList(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG);
  }

  private static Speaks speaks(String server) {
    String host = Utils.getHost(server);
    Integer port = Utils.getPort(server);
    if (host == null || port == null) {
      return Speaks.UNKNOWN;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), (int) LIMIT.toMillis());
      socket.setSoTimeout((int) LIMIT.toMillis());
      socket.getOutputStream().write(apiVersions());
      return speaks(new DataInputStream(socket.getInputStream()));
    } catch (IOException | IllegalArgumentException e) { // of a port beyond 65535
      LOG.debug("What {} speaks is not known", server, e);
      return Speaks.UNKNOWN;
    }
  }

  private static Speaks speaks(DataInputStream in) throws IOException {
    int first = in.readUnsignedShort();
    if (first == TLS_ALERT || first == TLS_HANDSHAKE) {
      return Speaks.TLS;
    }
    int length = first << 16 | in.readUnsignedShort();
    if (length < 4 || length > LONGEST_ANSWER || in.readInt() != CORRELATION) {
      return Speaks.UNKNOWN;
    }
    in.skipNBytes(length - 4L); // so that the broker sees a connection that ends in peace
    return Speaks.PLAINTEXT;
  }

  /** A request of version 0, which every broker understands. */
  private static byte[] apiVersions() {
    byte[] clientId = "sluice".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer request = ByteBuffer.allocate(4 + 2 + 2 + 4 + 2 + clientId.length);
    request.putInt(request.capacity() - 4).putShort((short) 18).putShort((short) 0);
    return request.putInt(CORRELATION).putShort((short) clientId.length).put(clientId).array();
  }
}

package dev.sluice.support.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.support.Eventually;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An object store that speaks S3, in a JVM of its own, and before it a gate that answers every so
 * many requests with 503, as a store does that is asked too much. It keeps its objects in memory: a
 * folder would answer for names that are no objects.
 */
public final class ObjectStore implements AutoCloseable {

  /** The only user. */
  public static final String ACCESS_KEY = "sluice";

  /** The user's secret. */
  public static final String SECRET_KEY = "only-for-tests";

  /** The only bucket. */
  public static final String BUCKET = "snapshots";

  private static final Path BASE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Pattern KEY = Pattern.compile("<Key>([^<]+)</Key>");
  private static final int LONGEST_HEAD = 1 << 16;

  private static final byte[] SLOW_DOWN =
      """
      HTTP/1.1 503 Slow Down\r
      Content-Type: application/xml\r
      Content-Length: 93\r
      Connection: close\r
      \r
      <?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>"""
          .getBytes(ISO_8859_1);

  private final Process store;
  private final int storePort;
  private final ServerSocket gate;
  private final int failOneOf;
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

  private ObjectStore(Process store, int storePort, ServerSocket gate, int failOneOf) {
    this.store = store;
    this.storePort = storePort;
    this.gate = gate;
    this.failOneOf = failOneOf;
  }

  /**
   * Starts it, and returns when it answers.
   *
   * @param folder for its configuration and log
   * @param failOneOf every such request fails: 5 for a fifth of them
   */
  public static ObjectStore start(Path folder, int failOneOf)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path configuration =
        Files.writeString(
            folder.resolve("s3proxy.conf"),
            """
            s3proxy.endpoint=http://127.0.0.1:%s
            s3proxy.authorization=aws-v2-or-v4
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=transient
            jclouds.identity=unused
            jclouds.credential=unused
            """
                .formatted(port, ACCESS_KEY, SECRET_KEY));
    Path quiet =
        Files.writeString(
            folder.resolve("logback.xml"),
            """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d %-5level %logger{0} %msg%n</pattern></encoder>
              </appender>
              <root level="WARN"><appender-ref ref="out"/></root>
            </configuration>
            """);
    Process store =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=" + quiet,
                "-cp",
                dist("s3proxy-").resolve("lib") + "/*",
                "org.gaul.s3proxy.Main",
                "--properties",
                configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3proxy.out").toFile())
            .start();
    ObjectStore started =
        new ObjectStore(
            store, port, new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), failOneOf);
    Runtime.getRuntime().addShutdownHook(new Thread(store::destroyForcibly, "end the store"));
    Eventually.until(
        "the object store answers (" + folder.resolve("s3proxy.out") + ")",
        LIMIT,
        started::answers);
    started.ask("PUT", "", "");
    thread(started::accept);
    return started;
  }

  /** The folder with Flink's plugin for S3: what FLINK_PLUGINS_DIR names. */
  public static Path plugins() throws IOException {
    return dist("s3-plugin-");
  }

  private static Path dist(String prefix) throws IOException {
    try (Stream<Path> all = Files.list(BASE.resolve("target/dist"))) {
      return all.filter(one -> one.getFileName().toString().startsWith(prefix))
          .filter(one -> Files.exists(one.resolve("complete")))
          .findFirst()
          .orElseThrow(
              () ->
                  new AssertionError(
                      "target/dist has no %s: 'mvn -Poperations -DskipTests package' brings it"
                          .formatted(prefix)));
    }
  }

  /** Flink's settings for it, a line each. */
  public List<String> flinkSettings() {
    return List.of(
        "s3.endpoint: http://127.0.0.1:" + gate.getLocalPort(),
        "s3.path.style.access: true",
        "s3.access-key: " + ACCESS_KEY,
        "s3.secret-key: " + SECRET_KEY);
  }

  /** Copies the objects whose keys begin so into a folder, by what their keys have beyond it. */
  public void download(String prefix, Path into) throws IOException, InterruptedException {
    String all = new String(ask("GET", "", "?prefix=" + prefix), UTF_8);
    Matcher keys = KEY.matcher(all);
    while (keys.find()) {
      String key = keys.group(1);
      if (!key.endsWith("/")) {
        Path file = into.resolve(key.substring(prefix.length()));
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, ask("GET", "/" + key, ""));
      }
    }
  }

  /** Asks the store behind the gate, signed as S3 had it first (version 2). */
  private byte[] ask(String method, String key, String query)
      throws IOException, InterruptedException {
    String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
    String resource = "/" + BUCKET + key;
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%s%s%s".formatted(storePort, resource, query)))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Date", date)
            .header("Authorization", "AWS " + ACCESS_KEY + ":" + sign(method, date, resource))
            .build();
    HttpResponse<byte[]> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IOException(
          "%s %s: %s, %s"
              .formatted(method, resource, answer.statusCode(), new String(answer.body(), UTF_8)));
    }
    return answer.body();
  }

  private static String sign(String method, String date, String resource) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(SECRET_KEY.getBytes(UTF_8), "HmacSHA1"));
      String text = "%s\n\n\n%s\n%s".formatted(method, date, resource);
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA1", e);
    }
  }

  /** Requests so far. */
  public long requests() {
    return requests.get();
  }

  /** How many of them were answered with 503. */
  public long failed() {
    return failed.get();
  }

  @Override
  public void close() throws IOException {
    gate.close();
    for (Closeable connection : open) {
      connection.close();
    }
    store.destroyForcibly();
  }

  private boolean answers() throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + storePort + "/").toURL().openConnection();
    try {
      return connection.getResponseCode() > 0;
    } catch (IOException notYet) {
      return false;
    } finally {
      connection.disconnect();
    }
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "object-store-gate");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = gate.accept();
        open.add(client);
        thread(() -> serve(client));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  /** Passes requests on as they are: their signatures hold host and port. */
  private void serve(Socket client) {
    try (client;
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), storePort)) {
      open.add(upstream);
      thread(() -> copyAnswers(upstream, client));
      InputStream in = new BufferedInputStream(client.getInputStream());
      OutputStream out = upstream.getOutputStream();
      byte[] head = head(in);
      while (head.length > 0) {
        if (requests.incrementAndGet() % failOneOf == 0) {
          failed.incrementAndGet();
          client.getOutputStream().write(SLOW_DOWN);
          client.getOutputStream().flush();
          client.shutdownOutput();
          in.transferTo(
              OutputStream.nullOutputStream()); // a close with unread input takes the answer back
          return;
        }
        out.write(head);
        out.flush();
        copy(in, out, contentLength(head));
        head = head(in);
      }
    } catch (IOException gone) {
      // Either side has closed.
    } finally {
      open.remove(client);
    }
  }

  /**
   * Ends the client's connection with the store's: a store closes connections that are idle, and a
   * request on one that only the gate keeps open would be waited for until the client's time-out.
   */
  private void copyAnswers(Socket upstream, Socket client) {
    try (client) {
      upstream.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException gone) {
      // Either side has closed.
    } finally {
      open.remove(upstream);
    }
  }

  /** Up to the empty line; empty at the end of the connection. */
  private static byte[] head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    while (head.size() < LONGEST_HEAD) {
      int next = in.read();
      if (next < 0) {
        return new byte[0];
      }
      head.write(next);
      last = (last << 8) | next;
      if (last == 0x0d0a0d0a) {
        break;
      }
    }
    return head.toByteArray();
  }

  private static long contentLength(byte[] head) {
    return new String(head, ISO_8859_1)
        .lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.startsWith("content-length:"))
        .mapToLong(line -> Long.parseLong(line.substring("content-length:".length()).trim()))
        .findFirst()
        .orElse(0);
  }

  private static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = length;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new IOException("the client has closed within a request");
      }
      out.write(buffer, 0, read);
      out.flush();
      left -= read;
    }
  }
}

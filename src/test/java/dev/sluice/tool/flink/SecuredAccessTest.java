package dev.sluice.tool.flink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.sluice.support.Certificates;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JobManagers behind TLS, and behind a proxy that asks who is there. */
class SecuredAccessTest {

  private static final String TOKEN = "Basic c2x1aWNlOm9ubHktZm9yLXRlc3Rz";

  @TempDir private static Path stores;
  @TempDir private Path folder;

  private static Certificates certificates;

  /** What the server says, and what it heard last. */
  private final AtomicInteger status = new AtomicInteger(200);

  private volatile String answer = "{\"status\":\"RUNNING\"}";
  private final AtomicReference<String> authorization = new AtomicReference<>("");
  private HttpServer server;

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificates =
        Certificates.in(stores, "jobmanager", "tool").and("elsewhere", "dns:elsewhere.example");
  }

  @BeforeEach
  void listenWithoutTls() throws Exception {
    listen(HttpServer.create(local(), 0));
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  @Test
  void aTrustedCertificateIsTaken() throws Exception {
    listen(tls("jobmanager", false));
    assertThat(ask("https", "", Map.of("FLINK_CONF_DIR", trusting(false, "tool")))).isEqualTo(200);
  }

  @Test
  void anUnknownCertificateIsNot() throws Exception {
    listen(tls("jobmanager", false));
    assertThatThrownBy(() -> ask("https", "", Map.of()))
        .isInstanceOf(UnansweredException.class)
        .matches(e -> !((UnansweredException) e).mayHaveComeThrough(), "nothing was asked")
        .hasMessageContaining("check the certificates that security.ssl.rest.* names");
  }

  /** Stores for the traffic within Flink, on Flink's machines, are none of a plain interface. */
  @Test
  void storesOfOthersAreNotAskedForWithoutTls() throws Exception {
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        security.ssl.internal.enabled: true
        security.ssl.truststore: /no/such/file
        """);
    assertThat(ask("http", "", Map.of("FLINK_CONF_DIR", folder.toString()))).isEqualTo(200);
  }

  @Test
  void aCertificateThatWasReplacedIsTheOneThatCounts() throws Exception {
    listen(tls("jobmanager", true));
    Path ours = folder.resolve("ours.p12");
    Files.copy(certificates.keyStore("elsewhere"), ours);
    String conf = trusting(true, "tool");
    Path file = folder.resolve("config.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(certificates.keyStore("tool").toString(), ours.toString())
            .replace(certificates.trustStore().toString(), folder.resolve("cas.p12").toString()));
    Certificates other = Certificates.in(folder.resolve("other"), "other");
    Files.copy(other.trustStore(), folder.resolve("cas.p12"));
    Rest rest = rest(address("https", ""), Map.of("FLINK_CONF_DIR", conf));
    assertThatThrownBy(() -> rest.get("/a", answer -> true))
        .isInstanceOf(UnansweredException.class);
    Files.delete(folder.resolve("cas.p12"));
    assertThatThrownBy(() -> rest.get("/a", answer -> true))
        .isInstanceOf(UnansweredException.class);
    Files.copy(certificates.trustStore(), folder.resolve("cas.p12"));
    assertThat(rest.get("/a", answer -> true).path("status").asText()).isEqualTo("RUNNING");
  }

  @Test
  void anotherHostsCertificateIsNotTaken() throws Exception {
    listen(tls("elsewhere", false));
    String conf = trusting(false, "tool");
    assertThatThrownBy(() -> ask("https", "", Map.of("FLINK_CONF_DIR", conf)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is for the host of --rest");
  }

  @Test
  void whoMustShowACertificateShowsFlinks() throws Exception {
    listen(tls("jobmanager", true));
    assertThat(ask("https", "", Map.of("FLINK_CONF_DIR", trusting(true, "tool")))).isEqualTo(200);
    String none = trusting(false, "tool");
    assertThatThrownBy(() -> ask("https", "", Map.of("FLINK_CONF_DIR", none)))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "truststore: /no/such/file,security.ssl.rest.truststore = (/no/such/file) can't be read",
    "truststore-password: wrong,check the file; its password and its type",
  })
  void aStoreThatCannotBeUsedIsNamed(String setting, String words) throws Exception {
    listen(tls("jobmanager", false));
    String conf = trusting(false, "tool");
    Path file = Path.of(conf, "config.yaml");
    String key = setting.substring(0, setting.indexOf(':'));
    Files.writeString(
        file,
        Files.readString(file)
            .replaceAll("(?m)^security.ssl.rest." + key + ":.*$", "security.ssl.rest." + setting));
    assertThatThrownBy(() -> ask("https", "", Map.of("FLINK_CONF_DIR", conf)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(words.replace(';', ','))
        .hasMessageNotContaining("wrong");
  }

  @Test
  void aPathAndHeadersArePassedOn() throws Exception {
    assertThat(ask("http", "/team/flink", Map.of("FLINK_REST_CLIENT_HEADERS", header())))
        .isEqualTo(200);
    assertThat(authorization).hasValue("/team/flink/jobs/x/status " + TOKEN);
  }

  @Test
  void aTokenThatWasReplacedIsTheOneThatCounts() throws Exception {
    Path file = Files.writeString(folder.resolve("headers"), "# ours\n\nAuthorization: Bearer 1\n");
    Rest rest = rest(address("http", ""), Map.of("SLUICE_REST_HEADERS", file.toString()));
    rest.get("/a", answer -> true);
    assertThat(authorization).hasValue("/a Bearer 1");
    Files.writeString(file, "Authorization: Bearer 2");
    rest.get("/a", answer -> true);
    assertThat(authorization).hasValue("/a Bearer 2");
    Files.delete(file);
    assertThatThrownBy(() -> rest.get("/a", answer -> true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("SLUICE_REST_HEADERS (" + file + ") can't be read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret", "Content-Length: secret", "Bad Name: secret", ": secret"})
  void whatIsNoHeaderIsNotShown(String line) {
    assertThatThrownBy(() -> ask("http", "", Map.of("FLINK_REST_CLIENT_HEADERS", "A: b\n" + line)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2 of FLINK_REST_CLIENT_HEADERS is no header")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 401, 403, 407})
  void whoIsAskedForACredentialIsToldWhereItGoes(int code) {
    status.set(code);
    answer = "<html>who are you?</html>";
    assertThatThrownBy(() -> ask("http", "", Map.of()))
        .isInstanceOf(AccessException.class)
        .hasMessageContaining("SLUICE_REST_HEADERS");
  }

  @Test
  void aHostThatCanNotBeResolvedIsNamedSo() {
    URI nowhere = URI.create("http://nosuch.invalid:8081");
    assertThatThrownBy(() -> ask(nowhere, Map.of()))
        .isInstanceOf(UnansweredException.class)
        .matches(e -> !((UnansweredException) e).mayHaveComeThrough(), "nothing was asked")
        .hasMessageContaining("(no such host): check the host of --rest");
  }

  @Test
  void whoSaysHttpsToAPlainPortIsAskedWhetherItIsHttp() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> refuseInPlainText(plain));
      server.start();
      URI address = URI.create("https://127.0.0.1:" + plain.getLocalPort());
      assertThatThrownBy(() -> ask(address, Map.of()))
          .isInstanceOf(UnansweredException.class)
          .hasMessageContaining("is it http?")
          .message()
          .doesNotContain("certificates");
      server.join();
    }
  }

  /** As Flink's port does with what is no request. */
  private static void refuseInPlainText(ServerSocket plain) {
    try (Socket client = plain.accept()) {
      client.setSoTimeout(10_000);
      client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
      client.shutdownOutput();
      client.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As of an address with a path that no proxy takes away. */
  @Test
  void aPathThatFlinkDoesNotKnowIsLookedForInRest() {
    status.set(404);
    answer = "{\"errors\":[\"Unable to load requested file /web/jobs/x/status.\"]}";
    assertThatThrownBy(() -> ask("http", "/web", Map.of()))
        .isInstanceOf(FlinkException.class)
        .hasMessageContaining("Flink has nothing at this path: check the path of --rest");
    answer = "{\"errors\":[\"Job x not found\"]}";
    assertThatThrownBy(() -> ask("http", "", Map.of()))
        .isInstanceOf(FlinkException.class)
        .message()
        .doesNotContain("--rest");
  }

  /** A job that Flink does not know is one thing, a path that a proxy does not know another. */
  @Test
  void aProxysPageIsNoAnswerOfFlinks() throws Exception {
    status.set(404);
    answer = "<html>no such page</html>";
    assertThatThrownBy(() -> ask("http", "/wrong", Map.of()))
        .isInstanceOf(FlinkException.class)
        .matches(e -> !((FlinkException) e).isUnknown(), "nothing is known of the job")
        .hasMessageContaining("check the path of --rest");
    answer = "";
    assertThatThrownBy(() -> ask("http", "", Map.of()))
        .matches(e -> !((FlinkException) e).isUnknown(), "nothing is known of the job");
    answer = "{\"message\":\"no Route matched\"}";
    assertThatThrownBy(() -> ask("http", "", Map.of()))
        .matches(e -> !((FlinkException) e).isUnknown(), "nothing is known of the job");
    answer = "{\"errors\":[\"Not found\"]}";
    assertThatThrownBy(() -> ask("http", "", Map.of()))
        .matches(e -> ((FlinkException) e).isUnknown(), "Flink does not know it");
    status.set(200);
    answer = "<html>please log in</html>";
    assertThatThrownBy(() -> ask("http", "", Map.of()))
        .isInstanceOf(UnansweredException.class)
        .hasMessageContaining("this is no answer of Flink's");
  }

  private static String header() {
    return "X-Team: flights\nAuthorization:" + TOKEN;
  }

  private static InetSocketAddress local() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void listen(HttpServer other) {
    if (server != null) {
      server.stop(0);
    }
    server = other;
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    authorization.set(
        exchange.getRequestURI().getPath()
            + " "
            + exchange.getRequestHeaders().getFirst("Authorization"));
    byte[] body = answer.getBytes(UTF_8);
    exchange.sendResponseHeaders(status.get(), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** The status 200; everything else is thrown. */
  private int ask(String scheme, String path, Map<String, String> environment) throws Exception {
    return ask(address(scheme, path), environment);
  }

  private static int ask(URI address, Map<String, String> environment) throws Exception {
    assertThat(
            rest(address, environment)
                .get("/jobs/x/status", answer -> true)
                .path("status")
                .asText())
        .isEqualTo("RUNNING");
    return 200;
  }

  private static Rest rest(URI address, Map<String, String> environment) {
    return new Rest(List.of(address), Duration.ofSeconds(10), new RestAccess(environment));
  }

  private URI address(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  /** A folder with a configuration of Flink's; its path. */
  private String trusting(boolean mutual, String own) throws IOException {
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        security.ssl.rest.enabled: true
        security.ssl.rest.authentication-enabled: %s
        security.ssl.rest.truststore: %s
        security.ssl.rest.truststore-password: %s
        security.ssl.rest.truststore-type: PKCS12
        security.ssl.rest.keystore: %s
        security.ssl.rest.keystore-password: %s
        security.ssl.rest.key-password: %s
        security.ssl.rest.keystore-type: PKCS12
        """
            .formatted(
                mutual,
                certificates.trustStore(),
                Certificates.PASSWORD,
                certificates.keyStore(own),
                Certificates.PASSWORD,
                Certificates.PASSWORD));
    return folder.toString();
  }

  private static HttpsServer tls(String key, boolean mutual) throws Exception {
    HttpsServer server = HttpsServer.create(local(), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(certificates.context(key)) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters tls = getSSLContext().getDefaultSSLParameters();
            tls.setNeedClientAuth(mutual);
            parameters.setSSLParameters(tls);
          }
        });
    return server;
  }
}

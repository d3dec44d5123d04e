package dev.sluice.tool.flink;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.SecurityOptions;
import org.jspecify.annotations.Nullable;

/**
 * How JobManagers are reached that want more than a connection: the certificates of TLS, and the
 * headers that a proxy asks for. Both come from where Flink's own command line has them, so that an
 * operator writes them down once: {@code security.ssl.rest.*} of the {@code config.yaml} in {@code
 * FLINK_CONF_DIR}, and {@code FLINK_REST_CLIENT_HEADERS}, a header a line. A file that {@code
 * SLUICE_REST_HEADERS} names is read again for each request, and stores when they have changed, so
 * that tokens and certificates may be replaced while a guard runs.
 *
 * <p>Flink's own client of REST carries the same, but verifies no host name, knows one address, and
 * would bring Netty and Flink's REST classes into this tool.
 */
final class RestAccess {

  private static final String CONF_DIR = "FLINK_CONF_DIR";
  private static final String CONFIGURATION = "config.yaml";
  private static final String HEADERS = "FLINK_REST_CLIENT_HEADERS";
  private static final String HEADERS_FILE = "SLUICE_REST_HEADERS";
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final Map<String, String> environment;
  private final HttpClient plain = build(null);
  private @Nullable Secured secured;

  /**
   * A client with the certificates of some files.
   *
   * @param files their attributes when they were read
   */
  private record Secured(String files, HttpClient client) {}

  /** Reads nothing yet. */
  RestAccess(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The client for an address. It verifies host names, and follows no redirect. Stores that have
   * changed are read again; while they can't be, those that were read before count.
   *
   * @throws AccessException if the configuration names stores that can't be used
   */
  HttpClient client(URI address) throws AccessException {
    String conf = environment.get(CONF_DIR);
    if (!"https".equalsIgnoreCase(address.getScheme())
        || conf == null
        || !Files.isReadable(Path.of(conf, CONFIGURATION))) {
      return plain;
    }
    return secured(conf);
  }

  private synchronized HttpClient secured(String conf) throws AccessException {
    Secured made = secured;
    try {
      Configuration flink = GlobalConfiguration.loadConfiguration(conf);
      Store trusted = trusted(flink);
      Store own = own(flink);
      if (trusted == null && own == null) {
        return plain;
      }
      String files = "%s %s".formatted(look(trusted), look(own));
      if (made == null || !made.files().equals(files)) {
        made = new Secured(files, build(tls(flink, trusted, own)));
        secured = made;
      }
      return made.client();
    } catch (IOException | RuntimeException e) {
      if (made != null) {
        return made.client();
      }
      throw e instanceof AccessException reported
          ? reported
          : new AccessException(
              "%s in %s (%s) can't be read: %s"
                  .formatted(CONFIGURATION, CONF_DIR, conf, e.getMessage()),
              e);
    }
  }

  private static HttpClient build(@Nullable SSLContext tls) {
    HttpClient.Builder builder =
        HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1);
    return (tls == null ? builder : builder.sslContext(tls)).build();
  }

  /** Without a password, which may be in the configuration's other files. */
  private static String look(@Nullable Store store) throws AccessException {
    if (store == null) {
      return "none";
    }
    try {
      Path file = Path.of(store.file());
      return "%s %s %s %s"
          .formatted(
              store.file(),
              Files.getLastModifiedTime(file),
              Files.size(file),
              store.password().hashCode());
    } catch (IOException e) {
      throw store.unreadable(e);
    }
  }

  /** Null for the certificate authorities of the JDK. */
  private static @Nullable Store trusted(Configuration flink) {
    return store(
        flink,
        SecurityOptions.SSL_REST_TRUSTSTORE,
        SecurityOptions.SSL_TRUSTSTORE,
        SecurityOptions.SSL_REST_TRUSTSTORE_PASSWORD,
        SecurityOptions.SSL_TRUSTSTORE_PASSWORD,
        flink.get(SecurityOptions.SSL_REST_TRUSTSTORE_TYPE));
  }

  private static @Nullable Store own(Configuration flink) {
    return SecurityOptions.isRestSSLAuthenticationEnabled(flink)
        ? store(
            flink,
            SecurityOptions.SSL_REST_KEYSTORE,
            SecurityOptions.SSL_KEYSTORE,
            SecurityOptions.SSL_REST_KEYSTORE_PASSWORD,
            SecurityOptions.SSL_KEYSTORE_PASSWORD,
            flink.get(SecurityOptions.SSL_REST_KEYSTORE_TYPE))
        : null;
  }

  private static SSLContext tls(Configuration flink, @Nullable Store trusted, @Nullable Store own)
      throws AccessException {
    String keyPassword =
        value(flink, SecurityOptions.SSL_REST_KEY_PASSWORD, SecurityOptions.SSL_KEY_PASSWORD);
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted == null ? null : trusted.open());
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own == null ? null : own.open(), keyPassword.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AccessException(
          ("Flink's REST interface can't be asked over TLS: a key of %s can't be used (%s); check "
                  + "security.ssl.rest.key-password")
              .formatted(own == null ? trusted : own, e.getMessage()),
          e);
    }
  }

  /**
   * A file of keys or certificates.
   *
   * @param key of the setting that names it
   */
  private record Store(String key, String file, String password, String type) {

    KeyStore open() throws AccessException, GeneralSecurityException {
      try (InputStream in = Files.newInputStream(Path.of(file))) {
        KeyStore store = KeyStore.getInstance(type);
        store.load(in, password.toCharArray());
        return store;
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    AccessException unreadable(IOException e) {
      return new AccessException(
          ("%s = (%s) can't be read, so Flink's REST interface can't be asked over TLS: %s; check the file, its "
                  + "password and its type")
              .formatted(key, file, e),
          e);
    }

    /** Without the password. */
    @Override
    public String toString() {
      return "%s (%s)".formatted(key, file);
    }
  }

  /** The store for Flink's REST interface, or that for all of Flink if that covers it. */
  private static @Nullable Store store(
      Configuration flink,
      ConfigOption<String> rest,
      ConfigOption<String> all,
      ConfigOption<String> restPassword,
      ConfigOption<String> allPassword,
      String type) {
    boolean ofRest = flink.contains(rest);
    if (!ofRest && !(flink.contains(all) && SecurityOptions.isRestSSLEnabled(flink))) {
      return null;
    }
    ConfigOption<String> named = ofRest ? rest : all;
    return new Store(
        named.key(),
        flink.getOptional(named).orElse(""),
        value(flink, restPassword, allPassword),
        type);
  }

  private static String value(
      Configuration flink, ConfigOption<String> rest, ConfigOption<String> all) {
    return flink.getOptional(rest).or(() -> flink.getOptional(all)).orElse("");
  }

  /**
   * Adds the headers to a request.
   *
   * @throws AccessException if the file is not there, or something is no header; shows no value
   */
  HttpRequest.Builder withHeaders(HttpRequest.Builder request) throws AccessException {
    add(request, environment.getOrDefault(HEADERS, ""), HEADERS);
    String file = environment.getOrDefault(HEADERS_FILE, "");
    if (!file.isEmpty()) {
      String where = "%s (%s)".formatted(HEADERS_FILE, file);
      add(request, read(Path.of(file), where), where);
    }
    return request;
  }

  private static String read(Path file, String where) throws AccessException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AccessException(
          "%s can't be read, so the JobManager can't be asked: %s".formatted(where, e), e);
    }
  }

  private static void add(HttpRequest.Builder request, String lines, String where)
      throws AccessException {
    int number = 0;
    for (String line : lines.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      try {
        request.setHeader(
            line.substring(0, Math.max(0, colon)).trim(), line.substring(colon + 1).trim());
      } catch (IllegalArgumentException e) { // its message has the value
        throw new AccessException(
            "line %s of %s is no header that a request may have; it must be NAME: VALUE"
                .formatted(number, where));
      }
    }
  }
}

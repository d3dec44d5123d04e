package dev.sluice.support;

import dev.sluice.support.cluster.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Key stores and a trust store, made by {@code keytool}: each key signs itself, and the trust store
 * trusts them all. The certificates are for 127.0.0.1 and localhost.
 */
public final class Certificates {

  /** Of every store and key. */
  public static final String PASSWORD = "only-for-tests";

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Path folder;

  private Certificates(Path folder) {
    this.folder = folder;
  }

  /** Makes a key of each name in a folder, and the trust store. */
  public static Certificates in(Path folder, String... names) throws Exception {
    Certificates made = new Certificates(Files.createDirectories(folder));
    for (String name : names) {
      made.and(name, "ip:127.0.0.1,dns:localhost");
    }
    return made;
  }

  /** Makes one more key, which is trusted, too, but for other hosts. */
  public Certificates and(String name, String hosts) {
    key(name, hosts);
    trust(name);
    return this;
  }

  /** The PKCS12 file with the key of a name. */
  public Path keyStore(String name) {
    return folder.resolve(name + ".p12");
  }

  /** The PKCS12 file with the certificates of all names. */
  public Path trustStore() {
    return folder.resolve("trusted.p12");
  }

  /** What shows the key of a name and trusts all of them. */
  public SSLContext context(String name) throws IOException, GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(load(keyStore(name)), PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(load(trustStore()));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  /** Key and certificate of a name for OpenSSL. */
  public Path pem(String name) {
    Path pem = folder.resolve(name + ".pem");
    run(
        "openssl",
        "pkcs12",
        "-in",
        keyStore(name).toString(),
        "-nodes",
        "-passin",
        "pass:" + PASSWORD,
        "-out",
        pem.toString());
    return pem;
  }

  private void key(String name, String hosts) {
    keytool(
        "-genkeypair",
        "-alias",
        name,
        "-keyalg",
        "RSA",
        "-keysize",
        "2048",
        "-validity",
        "2",
        "-dname",
        "CN=" + name,
        "-ext",
        "SAN=" + hosts,
        "-keystore",
        keyStore(name).toString());
  }

  private void trust(String name) {
    String certificate = folder.resolve(name + ".cer").toString();
    keytool(
        "-exportcert",
        "-alias",
        name,
        "-keystore",
        keyStore(name).toString(),
        "-file",
        certificate);
    keytool(
        "-importcert",
        "-noprompt",
        "-alias",
        name,
        "-file",
        certificate,
        "-keystore",
        trustStore().toString());
  }

  private static void keytool(String... arguments) {
    String[] command = new String[arguments.length + 5];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    command[arguments.length + 1] = "-storetype";
    command[arguments.length + 2] = "PKCS12";
    command[arguments.length + 3] = "-storepass";
    command[arguments.length + 4] = PASSWORD;
    run(command);
  }

  private static void run(String... command) {
    Command.run(List.of(command), Map.of(), LIMIT).requireSuccess();
  }
}

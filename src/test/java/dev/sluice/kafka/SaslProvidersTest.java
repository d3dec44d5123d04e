package dev.sluice.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslClientProvider;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramSaslClientProvider;
import org.apache.kafka.common.security.scram.internals.ScramSaslServer;
import org.apache.kafka.common.security.scram.internals.ScramSaslServerProvider;
import org.apache.kafka.common.security.scram.internals.ScramServerCallbackHandler;
import org.apache.kafka.common.security.token.delegation.internals.DelegationTokenCache;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The JVM's SASL providers, after a submission whose class loader Flink has closed. */
class SaslProvidersTest {

  private static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_512;

  @BeforeEach
  void noClientHasLoggedIn() {
    for (Provider provider : Security.getProviders()) {
      if (provider.getClass().getName().startsWith("org.apache.kafka.")) {
        Security.removeProvider(provider.getName());
      }
    }
  }

  /** The login modules register once for each class loader: other tests need them. */
  @AfterEach
  void asAfterALogin() {
    noClientHasLoggedIn();
    ScramSaslClientProvider.initialize();
    ScramSaslServerProvider.initialize();
    OAuthBearerSaslClientProvider.initialize();
  }

  @Test
  void loginWorksThroughAClosedLoaderThatWasPrepared() throws Exception {
    refusedSubmission(true);

    assertThat(provider().getClass()).isNotEqualTo(ScramSaslClientProvider.class);
    assertThat(logsIn()).isTrue();
  }

  @Test
  void aProviderWhoseLoaderIsClosedGivesWay() throws Exception {
    refusedSubmission(false);

    SaslProviders.prepare(new Properties());

    assertThat(provider()).isInstanceOf(ScramSaslClientProvider.class);
    assertThat(logsIn()).isTrue();
  }

  /** Flink's lib/ may have kafka-clients, too, and a submission loads its own first. */
  @Test
  void aClosedLoaderIsClosedThoughItsParentHasTheClasses() throws Exception {
    try (URLClassLoader submission = new ChildFirst(urls())) {
      refusedLogin(submission);
    }
    assertThat(provider().getClass().getClassLoader()).isInstanceOf(ChildFirst.class);

    SaslProviders.prepare(new Properties());

    assertThat(provider()).isInstanceOf(ScramSaslClientProvider.class);
    assertThat(logsIn()).isTrue();
  }

  /** As Flink's. */
  private static final class ChildFirst extends URLClassLoader {

    ChildFirst(URL[] urls) {
      super(urls, SaslProvidersTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        return name.startsWith("org.apache.kafka.")
            ? findClass(name)
            : super.loadClass(name, resolve);
      }
    }
  }

  /** One that was not asked for would keep the first job with OAUTHBEARER from logging in. */
  @Test
  void onlyWhatWasRemovedIsRegisteredAgain() throws Exception {
    refusedSubmission(false);

    SaslProviders.prepare(new Properties());

    assertThat(Security.getProvider("SASL/OAUTHBEARER Client Provider")).isNull();
  }

  /** It would keep the job that was stopped from logging in for as long as this one runs. */
  @Test
  void aJobWithoutOauthbearerRegistersNoProviderOfIt() throws Exception {
    try (URLClassLoader submission = submission()) {
      Class.forName(OAuthBearerLoginModule.class.getName(), true, submission);
    }
    assertThat(Security.getProvider("SASL/OAUTHBEARER Client Provider")).isNotNull();

    SaslProviders.prepare(new Properties());

    assertThat(Security.getProvider("SASL/OAUTHBEARER Client Provider")).isNull();

    Properties client = new Properties();
    client.setProperty("sasl.mechanism", "OAUTHBEARER");
    SaslProviders.prepare(client);
    assertThat(Security.getProvider("SASL/OAUTHBEARER Client Provider"))
        .as("of a job that uses it, after another took the closed one away")
        .isInstanceOf(OAuthBearerSaslClientProvider.class);
  }

  /** The login module registers its own once for each class loader. */
  @Test
  void aJobWithOauthbearerRegistersItsOwnInPlaceOfAClosedOne() throws Exception {
    try (URLClassLoader submission = submission()) {
      Class.forName(OAuthBearerLoginModule.class.getName(), true, submission);
    }
    Properties client = new Properties();
    client.setProperty("sasl.mechanism", "OAUTHBEARER");

    SaslProviders.prepare(client);

    assertThat(Security.getProvider("SASL/OAUTHBEARER Client Provider"))
        .isInstanceOf(OAuthBearerSaslClientProvider.class);
  }

  @Test
  void aProviderWhoseLoaderIsOpenStays() throws Exception {
    try (URLClassLoader submission = submission()) {
      refusedLogin(submission);
      Provider before = provider();

      SaslProviders.prepare(new Properties());

      assertThat(provider()).isSameAs(before);
    }
  }

  /** What Kafka does by itself: without it the other tests would show nothing. */
  @Test
  void withoutItNoLoginWorksAfterARefusedOne() throws Exception {
    refusedSubmission(false);

    assertThatThrownBy(SaslProvidersTest::logsIn)
        .isInstanceOf(NoClassDefFoundError.class)
        .hasMessageContaining("ScramMessages$ServerFinalMessage");
  }

  private static Provider provider() {
    return Security.getProvider("SASL/SCRAM Client Provider");
  }

  /** With a class loader that is closed after its first login was refused. */
  private static void refusedSubmission(boolean prepared) throws Exception {
    try (URLClassLoader submission = submission()) {
      if (prepared) {
        submission
            .loadClass(SaslProviders.class.getName())
            .getMethod("prepare", Properties.class)
            .invoke(null, new Properties());
      }
      refusedLogin(submission);
    }
  }

  /** One with classes of its own, as Flink's child-first class loader has. */
  private static URLClassLoader submission() {
    return new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader());
  }

  private static URL[] urls() {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
        .map(SaslProvidersTest::url)
        .toArray(URL[]::new);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A broker ends a login with a wrong password before its last message. */
  private static void refusedLogin(ClassLoader submission) throws Exception {
    Class.forName(ScramLoginModule.class.getName(), true, submission);
    ScramSaslServer broker = broker();
    SaslClient client = client("wrong");
    byte[] proof = client.evaluateChallenge(broker.evaluateResponse(first(client)));
    assertThatThrownBy(() -> broker.evaluateResponse(proof)).isInstanceOf(SaslException.class);
  }

  private static boolean logsIn() throws Exception {
    ScramSaslServer broker = broker();
    SaslClient client = client("secret");
    byte[] proof = client.evaluateChallenge(broker.evaluateResponse(first(client)));
    client.evaluateChallenge(broker.evaluateResponse(proof));
    return client.isComplete() && broker.isComplete();
  }

  private static byte[] first(SaslClient client) throws SaslException {
    return client.evaluateChallenge(new byte[0]);
  }

  private static SaslClient client(String password) throws SaslException {
    CallbackHandler user =
        callbacks -> {
          for (Callback callback : callbacks) {
            if (callback instanceof NameCallback name) {
              name.setName("job");
            } else if (callback instanceof PasswordCallback asked) {
              asked.setPassword(password.toCharArray());
            } else {
              throw new UnsupportedCallbackException(callback);
            }
          }
        };
    return Sasl.createSaslClient(
        new String[] {MECHANISM.mechanismName()}, null, "kafka", "broker", Map.of(), user);
  }

  private static ScramSaslServer broker() throws NoSuchAlgorithmException {
    CredentialCache.Cache<ScramCredential> users =
        new CredentialCache().createCache(MECHANISM.mechanismName(), ScramCredential.class);
    users.put("job", new ScramFormatter(MECHANISM).generateCredential("secret", 4096));
    ScramServerCallbackHandler handler =
        new ScramServerCallbackHandler(
            users, new DelegationTokenCache(List.of(MECHANISM.mechanismName())));
    handler.configure(Map.of(), MECHANISM.mechanismName(), List.of());
    return new ScramSaslServer(MECHANISM, Map.of(), handler);
  }
}

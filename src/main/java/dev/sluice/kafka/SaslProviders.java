package dev.sluice.kafka;

import java.net.URLClassLoader;
import java.security.Provider;
import java.security.Security;
import java.util.Properties;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.errors.IllegalSaslStateException;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslClientProvider;
import org.apache.kafka.common.security.scram.ScramExtensionsCallback;
import org.apache.kafka.common.security.scram.internals.ScramExtensions;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramMessages;
import org.apache.kafka.common.security.scram.internals.ScramSaslClient;
import org.apache.kafka.common.security.scram.internals.ScramSaslClientProvider;
import org.apache.kafka.common.security.scram.internals.ScramSaslServerProvider;

/**
 * What Kafka's clients register for SASL in the whole JVM.
 *
 * <p>The first client that logs in registers a provider under a fixed name, and every later client
 * of the JVM logs in through its classes, whatever its own class loader. Flink has a class loader
 * for each submission and closes it afterwards. A login that was refused has not loaded the classes
 * of a login that succeeds, so that every job that came later failed with NoClassDefFoundError
 * until the process was restarted; and OAUTHBEARER takes no callback handler of another class
 * loader at all.
 *
 * <p>Both are met here: a provider whose class loader is closed gives way to this one's, and what a
 * login needs is loaded before the first. Where two jobs with OAUTHBEARER run in one JVM, each with
 * kafka-clients of its own, only kafka-clients in Flink's lib/ helps.
 */
public final class SaslProviders {

  private SaslProviders() {}

  /**
   * To be called before a client is made; again and again, from any thread.
   *
   * @param client properties of the client
   */
  public static synchronized void prepare(Properties client) {
    String mechanism = client.getProperty(SaslConfigs.SASL_MECHANISM, "");
    load(ScramSaslClient.class);
    load(ScramMessages.class);
    load(ScramFormatter.class);
    load(ScramMechanism.class);
    load(ScramExtensions.class);
    load(ScramExtensionsCallback.class);
    load(IllegalSaslStateException.class);
    for (Provider provider : Security.getProviders()) {
      if (ofKafka(provider) && closed(provider.getClass())) {
        Security.removeProvider(provider.getName());
        registerAgain(provider.getClass().getSimpleName());
      }
    }
    if (mechanism.equals(OAuthBearerLoginModule.OAUTHBEARER_MECHANISM)) {
      OAuthBearerSaslClientProvider.initialize(); // Nothing changes where another's is registered.
    }
  }

  /**
   * Registers this class loader's provider in place of one that was removed, because the login
   * module's own registration runs once for each class loader. No other is registered. One of
   * OAUTHBEARER is registered only for a job that uses it, whoever removed the closed one: it keeps
   * every other job of the JVM from logging in for as long as this one runs.
   */
  private static void registerAgain(String removed) {
    switch (removed) {
      case "ScramSaslClientProvider" -> ScramSaslClientProvider.initialize();
      case "ScramSaslServerProvider" -> ScramSaslServerProvider.initialize();
      default -> {} // the next login registers its own
    }
  }

  private static boolean ofKafka(Provider provider) {
    return provider.getClass().getName().startsWith("org.apache.kafka.");
  }

  /** Whether its class loader gives no classes any more, not even the bytes of those it gave. */
  private static boolean closed(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    String file = type.getName().replace('.', '/') + ".class";
    if (loader instanceof URLClassLoader of) {
      return of.findResource(file) == null; // Its parent may have the class, too, in Flink's lib/.
    }
    return loader != null && loader.getResource(file) == null;
  }

  /** With the classes inside of it. */
  private static void load(Class<?> type) {
    try {
      ClassLoader loader = type.getClassLoader();
      Class.forName(type.getName(), true, loader);
      for (Class<?> inner : type.getDeclaredClasses()) {
        load(inner);
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "kafka-clients on the class path is not the one that the job was built with: " + e, e);
    }
  }
}

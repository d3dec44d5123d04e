package dev.sluice.tool.broker;

import dev.sluice.tool.refusal.RefusalCode;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * The client of {@link Brokers}, created again for as long as creation fails: Kafka resolves the
 * servers' names when it makes one, and refuses the properties if no name can be resolved. A name
 * server that fails for a moment, as one that is drained with its node, is no error in a setting,
 * so the caller keeps asking. May be used by several threads.
 */
final class BrokerClient {

  /** Every other error in a client's properties stays until the properties are changed. */
  private static final String UNRESOLVED = "No resolvable bootstrap urls";

  /** The same where canonical names are to be looked up. */
  private static final String UNKNOWN = "Unknown host in bootstrap.servers";

  /** What Java says of a store that its password does not open. */
  private static final String WRONG_PASSWORD = "password was incorrect";

  /** The same of a store in which nothing is encrypted. */
  private static final String NO_INTEGRITY = "Integrity check failed";

  /** How many clients are made at the same time by the process. */
  private static final int MOST_MAKERS = 8;

  private static final Semaphore MAKERS = new Semaphore(MOST_MAKERS);

  private final Properties properties;
  private final Function<Properties, Admin> clients;
  private final AdminCall question;
  private @Nullable CompletableFuture<Admin> made;
  private boolean closed;

  /**
   * Makes a client, if the names can be resolved in time.
   *
   * @throws IllegalArgumentException if the properties can't make one
   */
  BrokerClient(Properties properties, Function<Properties, Admin> clients, AdminCall question) {
    this.properties = properties;
    this.clients = clients;
    this.question = question;
    try {
      Admin unused = get();
    } catch (BrokerException silence) {
      return; // Each question asks again.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The client.
   *
   * @throws BrokerException as of silence, while none of the servers' names can be resolved
   * @throws IllegalArgumentException if the properties can't make one any more
   */
  Admin get() throws BrokerException, InterruptedException {
    CompletableFuture<Admin> client = begun();
    try {
      return client.get(question.patience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw silence(new UnresolvedException("no client was made in that time"));
    } catch (ExecutionException e) {
      forget(client);
      Throwable why = e.getCause();
      if (why instanceof KafkaException kafka && isUnresolved(kafka)) {
        throw silence(new UnresolvedException(kafka));
      } else if (why instanceof KafkaException kafka) {
        throw refused(kafka);
      }
      throw new IllegalStateException("no client can be made: " + why, why);
    }
  }

  private BrokerException silence(UnresolvedException why) {
    return new BrokerException(question.servers(), "anything", question.patience(), why);
  }

  /** Names are resolved for as long as the name servers take: in a thread that can be left. */
  private synchronized CompletableFuture<Admin> begun() throws BrokerException {
    CompletableFuture<Admin> begun = made;
    if (begun == null) {
      if (closed) {
        throw new IllegalStateException("the client is closed");
      }
      try {
        begun = CompletableFuture.supplyAsync(() -> clients.apply(properties), BrokerClient::start);
      } catch (RejectedExecutionException e) {
        throw silence(
            new UnresolvedException("%s clients are still being made".formatted(MOST_MAKERS)));
      }
      made = begun;
    }
    return begun;
  }

  /** A login or name server that hangs keeps its thread, and Kafka logs in one after the other. */
  static void start(Runnable make) {
    if (!MAKERS.tryAcquire()) {
      throw new RejectedExecutionException();
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                make.run();
              } finally {
                MAKERS.release();
              }
            },
            "kafka-client-maker");
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (Throwable e) { // As where the system gives no more threads.
      MAKERS.release();
      throw e;
    }
  }

  private synchronized void forget(CompletableFuture<Admin> failed) {
    if (made == failed) {
      made = null;
    }
  }

  /** One that is still being made is closed once it is there. */
  void close(Duration patience) {
    CompletableFuture<Admin> last;
    synchronized (this) {
      closed = true;
      last = made;
    }
    if (last != null) {
      CompletableFuture<Void> unused = last.thenAccept(client -> client.close(patience));
    }
  }

  /** Kafka says "Failed to create new KafkaAdminClient" and puts the reason behind. */
  static boolean isUnresolved(KafkaException e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      if (at instanceof ConfigException
          && (message.startsWith(UNRESOLVED) || message.startsWith(UNKNOWN))) {
        return true;
      }
    }
    return false;
  }

  private IllegalArgumentException refused(KafkaException e) {
    String why = BrokerException.chain(e);
    return new IllegalArgumentException(
        RefusalCode.BROKERS.in(
            "the brokers at %s can't be asked with these settings: %s; %s"
                .formatted(question.servers(), why, wayOut(why))),
        BrokerException.showsLogin(e) ? null : e);
  }

  private static String wayOut(String why) {
    return why.contains(WRONG_PASSWORD) || why.contains(NO_INTEGRITY)
        ? "check ssl.truststore.password, and ssl.keystore.password where there is a key store: the file is "
            + "there, and the password does not open it"
        : "check the servers' names and the client's properties";
  }

  /** None of the servers' names can be resolved now. */
  static final class UnresolvedException extends RetriableException {

    private static final long serialVersionUID = 1L;

    UnresolvedException(String what) {
      super(what + ": the name servers, the login or a key store do not answer");
    }

    UnresolvedException(KafkaException cause) {
      super(
          "none of their names can be resolved (%s)".formatted(BrokerException.chain(cause)),
          cause);
    }
  }
}

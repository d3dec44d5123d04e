package dev.sluice.tool.broker;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Makes Kafka's consumers and producers within a time. Their constructors resolve names and log in,
 * for as long as the other side takes: an OAuth endpoint that is silent would hang a command.
 */
public final class LimitedClients {

  private LimitedClients() {}

  /**
   * Limits a login over HTTP, which has no limit of its own. Kafka logs in under one lock of the
   * process.
   *
   * @param client properties of a client; limits that they hold stay
   */
  public static void limitLogin(Properties client, Duration most) {
    String ms = String.valueOf(Math.min(Integer.MAX_VALUE, most.toMillis()));
    client.putIfAbsent("sasl.login.connect.timeout.ms", ms);
    client.putIfAbsent("sasl.login.read.timeout.ms", ms);
  }

  /**
   * Makes one, in a thread that is left if it takes too long; one that is made later is closed.
   *
   * @throws KafkaException as its constructor does; one that can be retried if there is none in
   *     time
   */
  public static <T extends AutoCloseable> T make(Supplier<T> maker, Duration most) {
    CompletableFuture<T> made;
    try {
      made = CompletableFuture.supplyAsync(maker, BrokerClient::start);
    } catch (RejectedExecutionException e) {
      throw new BrokerClient.UnresolvedException("too many clients are still being made");
    }
    try {
      return made.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      closeLater(made);
      throw new BrokerClient.UnresolvedException(
          "no client was made within %s s".formatted(most.toSeconds()));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      closeLater(made);
      throw new InterruptException(e);
    }
  }

  private static void closeLater(CompletableFuture<? extends AutoCloseable> made) {
    CompletableFuture<Void> unused =
        made.thenAccept(
            client -> {
              try {
                client.close();
              } catch (Exception e) {
                throw new KafkaException("a client that came too late can't be closed", e);
              }
            });
  }
}

package dev.sluice.tool.broker;

import dev.sluice.kafka.ListenerCheck;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/**
 * Puts questions to the brokers and waits for the answers.
 *
 * @param servers for messages
 * @param patience the longest wait for one answer
 * @param otherProtocol asked after silence: what is wrong with what the client speaks
 */
record AdminCall(String servers, Duration patience, Supplier<Optional<String>> otherProtocol) {

  /** One of a login module, whole: what is within another one's quotes is none. */
  private static final Pattern OPTION =
      Pattern.compile(
          "([\\w.]+)\\s*=\\s*(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|'((?:[^'\\\\]++|\\\\.)*+)'|([^\\s;\"']++))");

  /** For a client with these properties, which it keeps. */
  static AdminCall of(Properties client, Duration patience) {
    String servers =
        client.getProperty("bootstrap.servers", "(no bootstrap.servers)") + user(client);
    return new AdminCall(servers, patience, () -> ListenerCheck.afterSilence(client, ""));
  }

  /** Of a client that logs in with a name: which, for a right or a password may be another's. */
  private static String user(Properties client) {
    String user = "";
    Matcher option = OPTION.matcher(client.getProperty("sasl.jaas.config", ""));
    while (option.find()) {
      if (option.group(1).equals("username")) {
        String quoted = option.group(2) == null ? option.group(3) : option.group(2);
        user = " as user (%s)".formatted(quoted == null ? option.group(4) : quoted);
      }
    }
    return user;
  }

  /**
   * Waits for an answer.
   *
   * @param what is asked, as in "where [topic] ends"
   * @throws BrokerException if there is none in time, or it is an error
   */
  <T> T ask(String what, KafkaFuture<T> answer) throws BrokerException, InterruptedException {
    return ask(what, answer.toCompletionStage().toCompletableFuture());
  }

  /** As {@link #ask(String, KafkaFuture)}. */
  <T> T ask(String what, Future<T> answer) throws BrokerException, InterruptedException {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw failure(what, e);
    }
  }

  /** What the brokers say of a transactional id; empty if they don't know it. */
  Optional<TransactionDescription> known(String what, KafkaFuture<TransactionDescription> answer)
      throws BrokerException, InterruptedException {
    try {
      return Optional.of(ask(what, answer));
    } catch (BrokerException e) {
      if (e.reason() instanceof TransactionalIdNotFoundException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Says what went wrong with a question. */
  BrokerException failure(String what, Exception thrown) {
    BrokerException failure =
        new BrokerException(
            servers,
            what,
            patience,
            thrown instanceof TimeoutException ? null : BrokerException.unwrap(thrown));
    return failure.isSilence()
        ? otherProtocol.get().map(why -> new BrokerException(servers, what, why)).orElse(failure)
        : failure;
  }
}

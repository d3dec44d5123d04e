package dev.sluice.tool.broker;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaFuture;

/**
 * Puts questions to the brokers and waits for the answers.
 *
 * @param servers for messages
 * @param patience the longest wait for one answer
 * @param otherProtocol asked after silence: what is wrong with what the client speaks
 */
record AdminCall(String servers, Duration patience, Supplier<Optional<String>> otherProtocol) {

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

package dev.sluice.tool.feed;

import dev.sluice.codec.Details;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.jspecify.annotations.Nullable;

/**
 * Looks for another run that feeds under the same name, before that is fenced.
 *
 * <p>A run that feeds ends its transaction about twice a second and begins the next one at once. So
 * a transaction that ends and is followed by another within {@link #UNTIL_NEXT} is of a run that
 * lives; one that stays the same for {@link #STANDSTILL} is of a run that was killed. Not seen are
 * a run that sends nothing yet, since it still reads the topic, and one that has waited for the
 * brokers for as long as that. These are fenced: nothing is fed twice then, either. Used by one
 * thread.
 */
final class OtherRun {

  /** A living run commits ten times meanwhile. */
  static final Duration STANDSTILL = Duration.ofSeconds(5);

  /** From the end of a transaction until a living run has begun the next one. */
  static final Duration UNTIL_NEXT = Duration.ofSeconds(1);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private static final Set<TransactionState> OPEN =
      Set.of(
          TransactionState.ONGOING,
          TransactionState.PREPARE_COMMIT,
          TransactionState.PREPARE_ABORT);

  private final ToolServices services;
  private final Properties client;
  private final String topic;
  private final Feed feed;

  OtherRun(ToolServices services, Properties client, String topic, Feed feed) {
    this.services = services;
    this.client = client;
    this.topic = topic;
    this.feed = feed;
  }

  /**
   * Refuses to go on while another run feeds.
   *
   * @return a sentence about a run that has left its transaction open; empty if there is none
   */
  Optional<String> requireNone() throws IOException, InterruptedException {
    String id = FeedProducer.transactionalId(topic, feed);
    try (Brokers brokers = services.brokers(client)) {
      TransactionDescription first = brokers.transaction(id).orElse(null);
      TransactionDescription now = first;
      Deadline deadline = services.time().after(isOpen(first) ? STANDSTILL : UNTIL_NEXT);
      while (now != null && (isOpen(now) || now.state() == TransactionState.COMPLETE_COMMIT)) {
        if (isOpen(now) && !isSame(first, now)) {
          throw refused(now);
        }
        if (deadline.isOver()) {
          return isOpen(now) ? Optional.of(leftOpen()) : Optional.empty();
        }
        boolean open = isOpen(now);
        services.time().sleep(LOOK_AGAIN);
        now = brokers.transaction(id).orElse(null);
        deadline = open && !isOpen(now) ? services.time().after(UNTIL_NEXT) : deadline;
      }
      return Optional.empty();
    }
  }

  private static boolean isOpen(@Nullable TransactionDescription transaction) {
    return transaction != null && OPEN.contains(transaction.state());
  }

  /**
   * A later transaction of a producer has another beginning, and another epoch, too, in Kafka 4.
   */
  private static boolean isSame(
      @Nullable TransactionDescription first, TransactionDescription now) {
    return first != null
        && isOpen(first)
        && first.producerId() == now.producerId()
        && first.producerEpoch() == now.producerEpoch()
        && first.transactionStartTimeMs().equals(now.transactionStartTimeMs());
  }

  private IOException refused(TransactionDescription other) {
    return new IOException(
        ("nothing was fed: another run feeds (%s) to %s at this moment (producer %s), and goes on. Wait for its end,"
                + " or end it with --take-over, which continues where it was")
            .formatted(Details.clipped(feed.name()), topic, other.producerId()));
  }

  private String leftOpen() {
    return ("a transaction of (%s) to %s has been open for %s s without an end, as of a run that was killed: it is"
            + " aborted, and so is the run if it lives")
        .formatted(Details.clipped(feed.name()), topic, STANDSTILL.toSeconds());
  }
}

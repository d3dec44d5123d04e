package dev.sluice.tool.broker;

import dev.sluice.ledger.PendingTransaction;
import java.util.Locale;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;

/** The state of a savepoint's pending transaction, as far as the brokers know. */
public enum Fate {
  /** Its records are there for every reader. */
  COMMITTED("it is committed"),

  /** Its records will never be read. */
  ABORTED("it was aborted, by its timeout or by somebody, and its answers are lost"),

  /** Another producer has taken its name, which aborts what was open. */
  FENCED(
      "another producer has taken its name since; unless it was committed before, its answers are lost"),

  /** It waits for its commit. */
  OPEN("it is still open: neither committed nor aborted"),

  /** Its end is decided and being written. */
  ENDING("it is being committed or aborted; the brokers report in a moment which"),

  /** The brokers know nothing of it, or of another one under its name. */
  EXPIRED(
      "the brokers don't know it any more (transactional.id.expiration.ms), so its name no longer shows whether "
          + "it was committed");

  private final String sentence;

  Fate(String sentence) {
    this.sentence = sentence;
  }

  /** The name in receipts. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For people: what is known of it, with "it" for the transaction. */
  public String sentence() {
    return sentence;
  }

  /**
   * Compares what a savepoint says with what the brokers say.
   *
   * <p>With transaction.version 2 (KIP-890) the coordinator raises the producer's epoch with every
   * commit and abort; before, with an abort by timeout only. Taking a name over raises it by one to
   * abort what is open and by one more to begin. So a transaction of epoch e has ended as its name
   * says while the epoch is e or e+1, and nothing is known of it beyond.
   *
   * <p>The one case in which this says "committed" wrongly: before transaction.version 2, a
   * producer that itself aborts, without a fence or a timeout, leaves the epoch at e; the next one
   * under the name would commit with e+1. Flink's sink aborts a transaction that a savepoint holds
   * by fencing only.
   *
   * <p>Another producer id under the name means that it had expired and was assigned again (or that
   * its 32,767 epochs were used up): nothing is known of ours.
   */
  static Fate of(PendingTransaction pending, TransactionDescription found) {
    int since = found.producerEpoch() - pending.epoch();
    if (found.producerId() != pending.producerId() || since < 0) {
      return EXPIRED;
    }
    TransactionState state = found.state();
    return switch (state) {
      case COMPLETE_COMMIT -> since <= 1 ? COMMITTED : FENCED;
      case COMPLETE_ABORT -> since <= 1 ? ABORTED : FENCED;
      case ONGOING -> since == 0 ? OPEN : FENCED;
      case PREPARE_COMMIT, PREPARE_ABORT, PREPARE_EPOCH_FENCE -> since <= 1 ? ENDING : FENCED;
      case EMPTY -> FENCED;
      default -> EXPIRED;
    };
  }
}

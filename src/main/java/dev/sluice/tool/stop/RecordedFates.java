package dev.sluice.tool.stop;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.receipt.Receipt;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fates of a snapshot's transactions as its receipt records them. Brokers forget a
 * transactional id some days after its last use ({@code transactional.id.expiration.ms}), and a
 * name that was taken over since, as by the resume of an older snapshot, says nothing about the
 * earlier transaction; what they reported while they knew stays true.
 */
final class RecordedFates {

  static final RecordedFates NONE = new RecordedFates(null);

  /**
   * Those after which a transaction does not change any more, or it can't be found out that it has.
   */
  private static final Set<Fate> LAST = EnumSet.of(Fate.COMMITTED, Fate.ABORTED, Fate.FENCED);

  private final Map<PendingTransaction, Fate> recorded = new HashMap<>();

  /**
   * @param receipt null if there is none
   */
  RecordedFates(@Nullable Receipt receipt) {
    if (receipt != null) {
      for (Receipt.Transaction one : receipt.transactions()) {
        for (Fate last : LAST) {
          if (last.code().equals(one.fate())) {
            recorded.put(
                new PendingTransaction(one.transactionalId(), one.producerId(), one.epoch()), last);
          }
        }
      }
    }
  }

  /** A fate, and whether only the receipt records it. */
  record KnownFate(Fate fate, boolean recorded) {

    /** For people: what is known of it, with "it" for the transaction. */
    String sentence() {
      return recorded
          ? fate.sentence() + ", as its receipt has it; the brokers no longer know it"
          : fate.sentence();
    }
  }

  /**
   * What counts of a transaction.
   *
   * @param now what the brokers say
   */
  KnownFate of(PendingTransaction one, Fate now) {
    Fate before = recorded.get(one);
    boolean tellsNothing = now == Fate.EXPIRED || (now == Fate.FENCED && before != Fate.FENCED);
    return before != null && tellsNothing ? new KnownFate(before, true) : new KnownFate(now, false);
  }
}

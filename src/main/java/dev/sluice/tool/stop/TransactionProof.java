package dev.sluice.tool.stop;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.receipt.Receipt;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of the transactions that a snapshot holds. Brokers forget a transactional id some
 * days after its last use ({@code transactional.id.expiration.ms}), and a name that was taken over
 * since, as by the resume of an older snapshot, says nothing about the earlier transaction; what
 * they reported while they knew, and a receipt records, stays true.
 */
public record TransactionProof(List<Known> all) {

  /**
   * Those after which a transaction does not change any more, or it can't be found out that it has.
   */
  private static final Set<Fate> LAST = EnumSet.of(Fate.COMMITTED, Fate.ABORTED, Fate.FENCED);

  /** Of a snapshot that holds none, or of which none were asked for. */
  public static final TransactionProof NONE = new TransactionProof(List.of());

  /**
   * One of them.
   *
   * @param recorded whether only the receipt records its fate
   */
  public record Known(PendingTransaction of, Fate fate, boolean recorded) {

    private Receipt.Transaction figures() {
      return new Receipt.Transaction(
          of.transactionalId(), of.producerId(), of.epoch(), fate.code());
    }

    /** For people: what is known of it, with "it" for the transaction. */
    private String sentence() {
      return recorded
          ? fate.sentence() + ", as its receipt has it; the brokers no longer know it"
          : fate.sentence();
    }
  }

  /**
   * Of what was read.
   *
   * @param held in the snapshot
   * @param now what the brokers say; they have forgotten those that are missing
   * @param receipt of the snapshot; null if there is none
   */
  public static TransactionProof of(
      List<PendingTransaction> held, Map<PendingTransaction, Fate> now, @Nullable Receipt receipt) {
    Map<PendingTransaction, Fate> recorded = recorded(receipt);
    return new TransactionProof(
        held.stream()
            .map(one -> known(one, now.getOrDefault(one, Fate.EXPIRED), recorded.get(one)))
            .toList());
  }

  private static Known known(PendingTransaction one, Fate now, @Nullable Fate before) {
    boolean tellsNothing = now == Fate.EXPIRED || (now == Fate.FENCED && before != Fate.FENCED);
    return before != null && tellsNothing
        ? new Known(one, before, true)
        : new Known(one, now, false);
  }

  private static Map<PendingTransaction, Fate> recorded(@Nullable Receipt receipt) {
    Map<PendingTransaction, Fate> recorded = new HashMap<>();
    for (Receipt.Transaction one :
        receipt == null ? List.<Receipt.Transaction>of() : receipt.transactions()) {
      for (Fate last : LAST) {
        if (last.code().equals(one.fate())) {
          recorded.put(
              new PendingTransaction(one.transactionalId(), one.producerId(), one.epoch()), last);
        }
      }
    }
    return recorded;
  }

  /** How many have one of these fates. */
  public long count(Fate... fates) {
    Set<Fate> counted = Set.of(fates);
    return all.stream().filter(one -> counted.contains(one.fate())).count();
  }

  List<Receipt.Transaction> figures() {
    return all.stream().map(Known::figures).toList();
  }

  /**
   * For a job that was just stopped.
   *
   * @param good fates of which no resume misses an answer
   */
  List<Problem> problems(Set<Fate> good) {
    return all.stream()
        .filter(one -> !good.contains(one.fate()))
        .map(
            one ->
                new Problem(
                    Problem.Code.UNCOMMITTED,
                    "transaction %s of the savepoint is %s, not committed: %s"
                        .formatted(one.of().transactionalId(), one.fate().code(), one.sentence())))
        .toList();
  }

  /** For a snapshot at any time after its stop: others may yet be committed. */
  Findings findings() {
    Findings found = Findings.NONE;
    for (Known one : all) {
      String text =
          "transaction %s is %s: %s"
              .formatted(one.of().transactionalId(), one.fate().code(), one.sentence());
      if (one.fate() == Fate.ABORTED || one.fate() == Fate.FENCED) {
        found = found.and(Findings.problem(Problem.Code.UNCOMMITTED, text));
      } else if (one.fate() != Fate.COMMITTED || one.recorded()) {
        found = found.and(Findings.warning(text));
      }
    }
    return found;
  }
}

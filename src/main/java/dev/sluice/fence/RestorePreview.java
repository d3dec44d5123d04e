package dev.sluice.fence;

import dev.sluice.kafka.OpenTransactions;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.RestoreBarrier;
import dev.sluice.ledger.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says beforehand what the restore fence would do at a restore: with its own code, from outside,
 * one subtask in place of all. Ends no transaction and writes nothing.
 *
 * <p>Where it may differ from the restore itself: it reads only as far as every transaction has
 * ended by now. The restore first commits what its snapshot holds as pending, if that is still
 * open, and aborts the job's other open transactions; so what {@link Result#heldBack} names may
 * turn a missing answer into one that is there, and never the other way round. And what others
 * write or delete in between is theirs.
 */
public final class RestorePreview {

  private RestorePreview() {}

  /**
   * What would happen at a restore.
   *
   * @param verdict as all subtasks would find it: what is missing, what is ahead, problems
   * @param suppressedAnswers answers that are committed already to inputs that are read again, and
   *     will not be given again
   * @param heldBack output partitions that can't be read to their ends yet, with the reason, in
   *     words; empty if all could be read
   */
  public record Result(
      Verdict verdict, long suppressedAnswers, SortedMap<Partition, String> heldBack) {

    /** Whether the job would run, with the fence on {@code suppress}. */
    public boolean isClean() {
      return verdict.isClean();
    }

    /**
     * Whether waiting may help: answers are missing while transactions are open that may hold them.
     */
    public boolean isUndecided() {
      return !isClean() && verdict.problems().isEmpty() && !heldBack.isEmpty();
    }
  }

  /**
   * Foresees a restore.
   *
   * @param note the snapshot's, merged over all subtasks
   * @param open every open interval of the snapshot
   * @param ahead what the snapshot itself holds as ahead; read, never modified
   * @throws IOException if the brokers don't answer, or don't let it read
   */
  public static Result of(
      FenceSettings settings, FenceNote note, List<OpenInterval> open, OriginSet ahead)
      throws IOException, InterruptedException {
    try (OutputOffsets log = new OutputOffsets(settings)) {
      OpenTransactions transactions = log.transactions();
      SortedMap<Partition, Long> ends = log.ends();
      SortedMap<Partition, Long> stableEnds = log.await(log.stableEnds());
      OutputRange range = OutputRange.share(0, 1, note, log.beginnings(), stableEnds);
      Inputs inputs = new Inputs(log.inputEnds(), note.passed());
      CommittedOrigins committed = new CommittedOrigins(settings, transactions, inputs::contain);
      RestoreBarrier meeting = new RestoreBarrier(1);
      meeting.arrive(0, committed.report(range, note, open, AheadAnswers.of(ahead)));
      Verdict verdict = Objects.requireNonNull(meeting.verdict());
      return result(verdict, heldBack(ends, stableEnds, transactions));
    }
  }

  /** Counts what would be suppressed. */
  static Result result(Verdict verdict, SortedMap<Partition, String> heldBack) {
    long suppressed = verdict.suppressed().origins().sizeAbove(verdict.note().passed());
    return new Result(verdict, suppressed, heldBack);
  }

  private static SortedMap<Partition, String> heldBack(
      SortedMap<Partition, Long> ends,
      SortedMap<Partition, Long> stableEnds,
      OpenTransactions transactions)
      throws InterruptedException {
    SortedMap<Partition, String> held = new TreeMap<>();
    for (Map.Entry<Partition, Long> end : ends.entrySet()) {
      if (stableEnds.getOrDefault(end.getKey(), 0L) < end.getValue()) {
        held.put(end.getKey(), transactions.describe(List.of(end.getKey())));
      }
    }
    return held;
  }
}

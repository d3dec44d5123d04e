package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.broker.Patience;
import dev.sluice.tool.resume.AbortReport.Held;
import dev.sluice.tool.resume.AbortReport.Outcome;
import dev.sluice.tool.resume.AbortReport.Row;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The result of aborting a transaction, as the brokers report it. Used by one thread.
 *
 * @param untilGone how long an aborted one may take to disappear
 */
record AbortCheck(Brokers brokers, Duration untilGone, Time time) {

  /** The coordinator's answers are the same after a commit that came between the two. */
  private static final String GONE =
      "it is gone, and what was in it will never be read, unless its producer committed it between the last check "
          + "and the abort";

  /** What is open under a name. */
  Optional<LiveTransaction> find(String prefix, String id)
      throws IOException, InterruptedException {
    return brokers.live(prefix).stream()
        .filter(one -> one.transactionalId().equals(id))
        .findFirst();
  }

  /**
   * Whether its producer has committed it. Once another has taken the name over, the brokers do not
   * report it any more.
   */
  boolean isCommitted(LiveTransaction was) throws IOException, InterruptedException {
    return brokers.fates(List.of(was.pending())).containsValue(Fate.COMMITTED);
  }

  /** Success is reported only for transactions that were seen to be gone, and not by a commit. */
  Row awaited(String prefix, Row row, LiveTransaction was) throws InterruptedException {
    Patience patience = new Patience(time, untilGone);
    String last = "it is still open";
    do {
      try {
        if (find(prefix, row.transactionalId()).isEmpty()) {
          return isCommitted(was)
              ? row.with(
                  Outcome.ENDED,
                  "it was committed before the abort came: what is in it is there for readers")
              : row.with(Outcome.ABORTED, readable(row));
        }
      } catch (IOException e) {
        last = String.valueOf(e.getMessage());
      }
      patience.pause();
    } while (!patience.isOver());
    return row.with(
        Outcome.NOT_KNOWN,
        "whether it is aborted is not known after %s s (%s): the same command checks again"
            .formatted(untilGone.toSeconds(), last));
  }

  /** What its end has done for readers, as far as that is known. */
  private String readable(Row row) throws InterruptedException {
    List<Partition> partitions = row.held().stream().map(Held::partition).toList();
    try {
      SortedMap<Partition, Long> stable =
          brokers.stableEnds(TransactionAbort.topics(partitions.stream()));
      List<String> words = new ArrayList<>();
      for (Held one : row.held()) {
        words.add(
            "%s can be read up to %,d (before: %,d)"
                .formatted(
                    one.partition(), stable.getOrDefault(one.partition(), 0L), one.lastStable()));
      }
      brokers.holdingBack(partitions).forEach(why -> words.add("still there: " + why));
      return GONE + "; " + (words.isEmpty() ? "it had written nothing" : String.join("; ", words));
    } catch (IOException e) {
      return GONE + "; how far can be read now is not known: " + e.getMessage();
    }
  }
}

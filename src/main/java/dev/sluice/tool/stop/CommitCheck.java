package dev.sluice.tool.stop;

import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.Brokers.OpenTransaction;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.broker.Patience;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Asks the brokers what a job that has ended has committed. It waits for transactions that have not
 * ended yet, and for brokers that do not answer.
 *
 * @param most how long each question may take
 */
record CommitCheck(Brokers brokers, JobSettings settings, Time time, Duration most) {

  /** Whether the brokers are of the job's Kafka cluster. */
  ClusterMatch match(String kafkaClusterId) throws IOException, InterruptedException {
    return new Patience(time, most).ask(() -> brokers.match(kafkaClusterId));
  }

  /** Of these transactions, as they are now. */
  Map<PendingTransaction, Fate> fates(Collection<PendingTransaction> pending)
      throws IOException, InterruptedException {
    return new Patience(time, most).ask(() -> brokers.fates(pending));
  }

  /** Of these transactions, once none of them moves any more. */
  Map<PendingTransaction, Fate> settledFates(Collection<PendingTransaction> pending)
      throws IOException, InterruptedException {
    Patience patience = new Patience(time, most);
    while (true) {
      Map<PendingTransaction, Fate> fates = patience.ask(() -> brokers.fates(pending));
      boolean moving = fates.containsValue(Fate.ENDING) || fates.containsValue(Fate.OPEN);
      if (!moving || patience.isOver()) {
        return fates;
      }
      patience.pause();
    }
  }

  /** What of the job's output is still open, or can't be read to its end. */
  List<Problem> stillOpen() throws IOException, InterruptedException {
    Patience patience = new Patience(time, most);
    Collection<String> topics = settings.topics().outputs().values();
    while (true) {
      List<Problem> found = new ArrayList<>();
      for (OpenTransaction open :
          patience.ask(() -> brokers.open(settings.sink().transactionalIdPrefix()))) {
        found.add(
            new Problem(
                Problem.Code.UNCOMMITTED,
                ("transaction %s of producer %s is %s though the job has ended: it holds back every "
                        + "read_committed reader")
                    .formatted(open.transactionalId(), open.producerId(), open.state())));
      }
      SortedMap<Partition, Long> ends = patience.ask(() -> brokers.ends(topics));
      List<Partition> behind = behind(ends, patience.ask(() -> brokers.stableEnds(topics)));
      if (found.isEmpty() && behind.isEmpty()) {
        return found;
      }
      if (patience.isOver()) {
        if (!behind.isEmpty()) {
          found.add(
              new Problem(
                  Problem.Code.UNCOMMITTED,
                  "%s can't be read to the end: %s"
                      .formatted(behind, String.join("; ", brokers.holdingBack(behind)))));
        }
        return found;
      }
      patience.pause();
    }
  }

  /**
   * Which partitions could not be read to where they ended. Another program may have written to one
   * between the two requests: then its last stable offset lies beyond the end that was reported
   * before.
   */
  static List<Partition> behind(
      SortedMap<Partition, Long> ends, SortedMap<Partition, Long> stableEndsTakenLater) {
    return ends.entrySet().stream()
        .filter(end -> stableEndsTakenLater.getOrDefault(end.getKey(), -1L) < end.getValue())
        .map(Map.Entry::getKey)
        .toList();
  }
}

package dev.sluice.tool.audit;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far the output topics reach.
 *
 * @param beginnings the first offset that was not deleted
 * @param ends the high watermark when the audit began
 * @param stableEnds how far transactions have ended, at most as far as is read
 */
record Output(
    SortedMap<Partition, Long> beginnings,
    SortedMap<Partition, Long> ends,
    SortedMap<Partition, Long> stableEnds) {

  private static final Duration AGAIN = Duration.ofMillis(200);

  /**
   * Asks, and waits for the transactions that are open now to end.
   *
   * @param most how long it waits for them, from the first answer on
   */
  static Output settled(AuditedJob job, Brokers brokers, Duration most, Time time)
      throws IOException, InterruptedException {
    SortedMap<Partition, Long> ends = brokers.ends(job.outputs());
    Deadline deadline = time.after(most);
    while (true) {
      SortedMap<Partition, Long> stableEnds = brokers.stableEnds(job.outputs());
      Output output = new Output(brokers.beginnings(job.outputs()), ends, stableEnds);
      if (output.heldBack().isEmpty() || deadline.isOver()) {
        return output;
      }
      time.sleep(AGAIN);
    }
  }

  /** Partitions that can't be read as far as they reached. */
  SortedMap<Partition, Long> heldBack() {
    SortedMap<Partition, Long> heldBack = new TreeMap<>();
    stableEnds.forEach(
        (p, stable) -> {
          if (stable < ends.getOrDefault(p, 0L)) {
            heldBack.put(p, stable);
          }
        });
    return heldBack;
  }

  /** Partitions of which records were deleted. */
  List<Partition> truncated() {
    return beginnings.entrySet().stream()
        .filter(e -> e.getValue() > 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A sentence for each partition that is held back, with whose transactions do it. */
  List<String> unreadable(Brokers brokers) {
    List<String> texts = new ArrayList<>();
    heldBack()
        .forEach(
            (p, stable) ->
                texts.add(
                    "%s can be read to %s of %s: %s"
                        .formatted(
                            p,
                            stable,
                            ends.get(p),
                            String.join("; ", brokers.holdingBack(List.of(p))))));
    return texts;
  }
}

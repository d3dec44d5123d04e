package dev.sluice.tool.broker;

import dev.sluice.kafka.CommittedRecords;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.util.SortedMap;

/** Hears how far a reading is, now and then and at its end. */
@FunctionalInterface
public interface ReadingProgress {

  /**
   * A reading continues.
   *
   * @param what is read, in a word or two
   * @param done how much of it is passed
   * @param all of about how much
   */
  void at(String what, long done, long all);

  /**
   * Reads a range, as {@link CommittedRecords#visit}.
   *
   * @param every after how many records the progress is reported
   */
  default void visit(
      CommittedRecords records,
      String what,
      SortedMap<Partition, Long> from,
      SortedMap<Partition, Long> to,
      int every,
      CommittedRecords.Visitor visitor)
      throws IOException, InterruptedException {
    long all =
        to.entrySet().stream()
            .mapToLong(end -> Math.max(0, end.getValue() - from.getOrDefault(end.getKey(), 0L)))
            .sum();
    long[] done = {0};
    records.visit(
        from,
        to,
        record -> {
          if (++done[0] % every == 0) {
            at(what, done[0], all);
          }
          return visitor.visit(record);
        });
    at(what, all, all);
  }
}

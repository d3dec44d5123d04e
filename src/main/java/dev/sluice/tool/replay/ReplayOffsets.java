package dev.sluice.tool.replay;

import dev.sluice.kafka.Partitions;
import dev.sluice.ledger.Partition;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What earlier runs have left as the offsets of a consumer group, committed in the same
 * transactions as the records. They spare reading: which records were replayed is also shown by the
 * headers in the input topics, and marks that are lost are rebuilt from them, as long as the input
 * keeps these.
 *
 * <p>A run may leave records in the midst of others: those of other keys, or of topics that it is
 * not given. They are named in the metadata of their partition's offset, so that one of them holds
 * no mark back.
 *
 * @param settled of each deferred partition, below which everything is replayed, but for what is
 *     left
 * @param left of each deferred partition, the records below that are still to be replayed; never
 *     modified by those who receive them
 * @param lookFrom of each input partition, the first offset at which a record of an unsettled
 *     deferred one may be
 * @param books whether the marks alone show what was replayed
 */
record ReplayOffsets(
    SortedMap<Partition, Long> settled,
    SortedMap<Partition, OffsetRanges> left,
    SortedMap<Partition, Long> lookFrom,
    Books books) {

  /** How marks came about. */
  enum Books {
    /**
     * A run has read all headers before, and every run that has fed back records since has
     * committed marks with them: what is not settled was not replayed, even where no header shows
     * it any more.
     */
    COMPLETE,
    /** What is not settled may have been replayed. */
    PARTIAL
  }

  static final ReplayOffsets NONE =
      new ReplayOffsets(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), Books.PARTIAL);

  /** Brokers take 4,096 bytes, unless they are configured for less. */
  private static final int LONGEST = 3_000;

  /** Version 1: the books, and what is left. An earlier tool has committed none. */
  private static final Pattern METADATA = Pattern.compile("replay1;(complete|partial);(.*)");

  /**
   * Those of a group.
   *
   * @param committed the group's offsets
   * @param beginnings of the deferred topic
   * @param ends of the deferred topic, where this run stops
   * @return none if they don't cover every deferred partition with records, name more than there
   *     is, or are of a later version
   */
  static ReplayOffsets of(
      SortedMap<Partition, OffsetAndMetadata> committed,
      SortedMap<Partition, Long> beginnings,
      SortedMap<Partition, Long> ends) {
    SortedMap<Partition, Long> settled = new TreeMap<>();
    SortedMap<Partition, OffsetRanges> left = new TreeMap<>();
    Books books = Books.COMPLETE;
    for (Map.Entry<Partition, Long> end : ends.entrySet()) {
      Partition partition = end.getKey();
      long begin = beginnings.getOrDefault(partition, 0L);
      OffsetAndMetadata mark = committed.get(partition);
      if (mark == null) {
        if (begin < end.getValue()) {
          return NONE;
        }
        continue;
      }
      Matcher metadata = METADATA.matcher(mark.metadata());
      boolean known = metadata.matches();
      Optional<OffsetRanges> ranges = OffsetRanges.parse(known ? metadata.group(2) : "");
      if (mark.offset() > end.getValue()
          || ranges.isEmpty()
          || (!known && !mark.metadata().isEmpty())) {
        return NONE;
      }
      settled.put(partition, mark.offset());
      left.put(partition, ranges.get().from(begin));
      if (!known || metadata.group(1).equals("partial")) {
        books = Books.PARTIAL;
      }
    }
    SortedMap<Partition, Long> lookFrom = new TreeMap<>();
    committed.forEach((p, offset) -> lookFrom.put(p, offset.offset()));
    lookFrom.keySet().removeAll(ends.keySet());
    return settled.isEmpty() ? NONE : new ReplayOffsets(settled, left, lookFrom, books);
  }

  boolean isNone() {
    return settled.isEmpty();
  }

  /**
   * The same for a run.
   *
   * @param beginnings of every deferred partition, below which everything is deleted
   */
  ReplayOffsets above(SortedMap<Partition, Long> beginnings) {
    SortedMap<Partition, Long> above = new TreeMap<>(beginnings);
    settled.forEach((p, offset) -> above.merge(p, offset, Math::max));
    return new ReplayOffsets(above, left, lookFrom, books);
  }

  /** The same, of a run that reads from another position. */
  ReplayOffsets lookingFrom(SortedMap<Partition, Long> from) {
    return new ReplayOffsets(settled, left, from, books);
  }

  /** The same, for a run that replays records without marks for them. */
  ReplayOffsets partial() {
    return new ReplayOffsets(settled, left, lookFrom, Books.PARTIAL);
  }

  /** Whether nothing is to be done for a deferred record. */
  boolean isSettled(Partition partition, long offset) {
    return offset < settled.getOrDefault(partition, 0L) && !left(partition).contains(offset);
  }

  OffsetRanges left(Partition partition) {
    return left.getOrDefault(partition, new OffsetRanges());
  }

  /** From where each deferred partition has to be read. */
  SortedMap<Partition, Long> readFrom() {
    SortedMap<Partition, Long> from = new TreeMap<>(settled);
    left.forEach((p, ranges) -> ranges.first().ifPresent(first -> from.merge(p, first, Math::min)));
    return from;
  }

  /** Whether brokers take them: not if too much is left in too many places. */
  boolean fit() {
    return left.keySet().stream().allMatch(p -> metadata(p).length() <= LONGEST);
  }

  private String metadata(Partition partition) {
    return "replay1;%s;%s"
        .formatted(books == Books.COMPLETE ? "complete" : "partial", left(partition).text());
  }

  /** As a group's offsets. */
  Map<TopicPartition, OffsetAndMetadata> offsets() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    settled.forEach(
        (p, offset) ->
            offsets.put(Partitions.kafka(p), new OffsetAndMetadata(offset, metadata(p))));
    lookFrom.forEach(
        (p, offset) -> offsets.put(Partitions.kafka(p), new OffsetAndMetadata(offset)));
    return offsets;
  }
}

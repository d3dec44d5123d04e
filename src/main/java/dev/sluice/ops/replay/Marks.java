package dev.sluice.ops.replay;

import dev.sluice.kafka.Partitions;
import dev.sluice.ledger.Partition;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What earlier runs have left as the offsets of a consumer group, committed in the same
 * transactions as the records. They only spare reading: which records were replayed is told by the
 * headers in the input topics, and marks that are lost are found anew.
 *
 * @param settled of each deferred partition, below which everything is replayed
 * @param lookFrom of each input partition, from where a record of a deferred one that is not
 *     settled may lie
 */
record Marks(SortedMap<Partition, Long> settled, SortedMap<Partition, Long> lookFrom) {

  static final Marks NONE = new Marks(new TreeMap<>(), new TreeMap<>());

  /**
   * Those of a group.
   *
   * @param committed the group's offsets
   * @param beginnings of the deferred topic
   * @param ends of the deferred topic, where this run stops
   * @return none if they don't tell of every deferred partition with records, or tell of more than
   *     there is
   */
  static Marks of(
      SortedMap<Partition, Long> committed,
      SortedMap<Partition, Long> beginnings,
      SortedMap<Partition, Long> ends) {
    SortedMap<Partition, Long> settled = new TreeMap<>(committed);
    settled.keySet().retainAll(ends.keySet());
    for (Map.Entry<Partition, Long> end : ends.entrySet()) {
      long begin = beginnings.getOrDefault(end.getKey(), 0L);
      Long mark = settled.get(end.getKey());
      boolean empty = begin >= end.getValue();
      if (mark == null ? !empty : mark > end.getValue()) {
        return NONE;
      }
    }
    SortedMap<Partition, Long> lookFrom = new TreeMap<>(committed);
    lookFrom.keySet().removeAll(ends.keySet());
    return new Marks(settled, lookFrom);
  }

  boolean isNone() {
    return settled.isEmpty();
  }

  /** As a group's offsets. */
  Map<TopicPartition, OffsetAndMetadata> offsets() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    settled.forEach((p, offset) -> offsets.put(Partitions.kafka(p), new OffsetAndMetadata(offset)));
    lookFrom.forEach(
        (p, offset) -> offsets.put(Partitions.kafka(p), new OffsetAndMetadata(offset)));
    return offsets;
  }
}

package dev.sluice.job;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a source without a snapshot begins. Flink's own initializers also have the consumer go
 * there when the offset that it wants is deleted, and so silently skip unanswered inputs. "The
 * beginning" is made an offset here, at the start: a snapshot of a partition of which nothing was
 * read yet would otherwise say "the beginning" again, wherever that is by then.
 *
 * @param first where to begin
 * @param skipDeleted whether to continue there when inputs are deleted; otherwise the source fails,
 *     naming partition and offset
 */
record StartingOffsets(OffsetsInitializer first, boolean skipDeleted)
    implements OffsetsInitializer {

  private static final long serialVersionUID = 1L;

  @Override
  public Map<TopicPartition, Long> getPartitionOffsets(
      Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
    Map<TopicPartition, Long> offsets =
        new HashMap<>(first.getPartitionOffsets(partitions, retriever));
    offsets.values().removeIf(offset -> offset == KafkaPartitionSplit.EARLIEST_OFFSET);
    Set<TopicPartition> atTheBeginning = new HashSet<>(partitions);
    atTheBeginning.removeAll(offsets.keySet());
    offsets.putAll(retriever.beginningOffsets(atTheBeginning));
    return offsets;
  }

  @Override
  @SuppressWarnings("deprecation") // the connector's type
  public OffsetResetStrategy getAutoOffsetResetStrategy() {
    return skipDeleted ? first.getAutoOffsetResetStrategy() : OffsetResetStrategy.NONE;
  }
}

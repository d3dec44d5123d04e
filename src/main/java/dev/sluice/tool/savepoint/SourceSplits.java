package dev.sluice.tool.savepoint;

import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.io.SimpleVersionedSerialization;

/** Takes the partitions out of what Flink's sources store. */
final class SourceSplits {

  private static final String SPLITS = "SourceReaderState";

  private SourceSplits() {}

  /** The offset of the next record of every partition, 0 where none has been read yet. */
  static SortedMap<Partition, Long> offsets(OperatorLists... sources) throws IOException {
    SortedMap<Partition, Long> offsets = new TreeMap<>();
    KafkaPartitionSplitSerializer format = new KafkaPartitionSplitSerializer();
    for (OperatorLists source : sources) {
      for (byte[] stored :
          source.read(SPLITS, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO)) {
        KafkaPartitionSplit split =
            SimpleVersionedSerialization.readVersionAndDeSerialize(format, stored);
        offsets.put(
            new Partition(split.getTopic(), split.getPartition()),
            Math.max(0, split.getStartingOffset()));
      }
    }
    return offsets;
  }
}

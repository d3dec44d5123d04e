package dev.sluice.state;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.roaringbitmap.InvalidRoaringFormat;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/**
 * Version 1 of what the formats of the restore fence have in common: partitions, offsets by
 * partition, sets of origins. A set is its partitions, each with its bitmap in the portable 64-bit
 * format of <a href="https://github.com/RoaringBitmap/RoaringFormatSpec">RoaringFormatSpec</a>.
 */
final class LedgerFormat1 {

  private static final int MAX_PARTITIONS = 1 << 20;

  private LedgerFormat1() {}

  static void writeOrigins(OriginSet origins, DataOutputView out) throws IOException {
    SortedMap<Partition, Roaring64NavigableMap> partitions = origins.partitions();
    Wire.writeLength(out, "the partitions", partitions.size(), MAX_PARTITIONS);
    for (Map.Entry<Partition, Roaring64NavigableMap> e : partitions.entrySet()) {
      writePartition(e.getKey(), out);
      e.getValue().serializePortable(out);
    }
  }

  static OriginSet readOrigins(DataInputView in) throws IOException {
    OriginSet origins = new OriginSet();
    int size = Wire.readLength(in, "the partitions", MAX_PARTITIONS);
    for (int i = 0; i < size; i++) {
      Partition partition = readPartition(in);
      Roaring64NavigableMap offsets = new Roaring64NavigableMap(false, false);
      try {
        offsets.deserializePortable(in);
      } catch (InvalidRoaringFormat | IndexOutOfBoundsException | NegativeArraySizeException e) {
        throw new IOException("corrupt bytes: the offsets of " + partition + " are no bitmap", e);
      }
      origins.put(partition, offsets);
    }
    return origins;
  }

  static void writeOffsets(SortedMap<Partition, Long> offsets, DataOutputView out)
      throws IOException {
    Wire.writeLength(out, "the partitions", offsets.size(), MAX_PARTITIONS);
    for (Map.Entry<Partition, Long> e : offsets.entrySet()) {
      writePartition(e.getKey(), out);
      out.writeLong(e.getValue());
    }
  }

  static SortedMap<Partition, Long> readOffsets(DataInputView in) throws IOException {
    SortedMap<Partition, Long> offsets = new TreeMap<>();
    int size = Wire.readLength(in, "the partitions", MAX_PARTITIONS);
    for (int i = 0; i < size; i++) {
      offsets.put(readPartition(in), in.readLong());
    }
    return offsets;
  }

  private static void writePartition(Partition partition, DataOutputView out) throws IOException {
    Wire.writeText(out, "the topic", partition.topic());
    out.writeInt(partition.partition());
  }

  private static Partition readPartition(DataInputView in) throws IOException {
    return new Partition(Wire.readText(in, "the topic"), in.readInt());
  }
}

package dev.sluice.state;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.roaringbitmap.InvalidRoaringFormat;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/**
 * Version 1 of what the formats of the restore fence have in common: partitions, offsets by
 * partition, sets of origins. A set is its partitions, each with its bitmap: the length, the bytes
 * in the portable 64-bit format of <a
 * href="https://github.com/RoaringBitmap/RoaringFormatSpec">RoaringFormatSpec</a>, their CRC-32C. A
 * changed bit in a bitmap mostly leaves a bitmap, with other offsets: an answer too many is
 * suppressed, or one too few. Hence the checksum.
 */
final class LedgerFormat1 {

  private static final int MAX_PARTITIONS = 1 << 20;

  private LedgerFormat1() {}

  static void writeOrigins(OriginSet origins, DataOutputView out) throws IOException {
    SortedMap<Partition, Roaring64NavigableMap> partitions = origins.partitions();
    Wire.writeLength(out, "the partitions", partitions.size(), MAX_PARTITIONS);
    for (Map.Entry<Partition, Roaring64NavigableMap> e : partitions.entrySet()) {
      writePartition(e.getKey(), out);
      writeBitmap(e.getValue(), out);
    }
  }

  static OriginSet readOrigins(DataInputView in) throws IOException {
    OriginSet origins = new OriginSet();
    int size = Wire.readLength(in, "the partitions", MAX_PARTITIONS);
    for (int i = 0; i < size; i++) {
      Partition partition = readPartition(in);
      origins.put(partition, readBitmap(partition, in));
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
      Partition partition = readPartition(in);
      long offset = in.readLong();
      if (offset < 0) {
        throw new IOException("corrupt bytes: %s has no offset (%s)".formatted(partition, offset));
      }
      offsets.put(partition, offset);
    }
    return offsets;
  }

  private static void writeBitmap(Roaring64NavigableMap offsets, DataOutputView out)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    offsets.serializePortable(new DataOutputStream(bytes));
    byte[] bitmap = bytes.toByteArray();
    Wire.writeNullableBytes(out, "the bitmap", bitmap);
    out.writeInt(checksum(bitmap));
  }

  private static Roaring64NavigableMap readBitmap(Partition partition, DataInputView in)
      throws IOException {
    byte[] bitmap = Wire.readNullableBytes(in, "the bitmap");
    if (bitmap == null || in.readInt() != checksum(bitmap)) {
      throw new IOException("corrupt bytes: the offsets of %s".formatted(partition));
    }
    Roaring64NavigableMap offsets = new Roaring64NavigableMap(false, false);
    try {
      offsets.deserializePortable(new DataInputStream(new ByteArrayInputStream(bitmap)));
    } catch (InvalidRoaringFormat | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw new IOException("corrupt bytes: the offsets of " + partition + " are no bitmap", e);
    }
    return offsets;
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static void writePartition(Partition partition, DataOutputView out) throws IOException {
    Wire.writeText(out, "the topic", partition.topic());
    Wire.writeLength(out, "the partition's number", partition.partition(), MAX_PARTITIONS);
  }

  /** A partition's number is also the length of a list: an absurd one must not fill the memory. */
  private static Partition readPartition(DataInputView in) throws IOException {
    String topic = Wire.readText(in, "the topic");
    return new Partition(topic, Wire.readLength(in, "the partition's number", MAX_PARTITIONS));
  }
}

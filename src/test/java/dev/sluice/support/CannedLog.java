package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.EndTransactionMarker;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.SimpleRecord;

/**
 * A partition of a {@link CannedBroker}, in Kafka's own log format: a transaction's marker takes an
 * offset, and so do the records of one that was aborted.
 */
public final class CannedLog {

  private static final short EPOCH = 0;

  private final List<MemoryRecords> batches = new ArrayList<>();
  private final List<AbortedTransaction> aborted = new ArrayList<>();
  private long begin;
  private long end;
  private long openSince = Long.MAX_VALUE;
  private long producers;

  /** One whose records before an offset were deleted. */
  public static CannedLog beginningAt(long offset) {
    CannedLog log = new CannedLog();
    log.begin = offset;
    log.end = offset;
    return log;
  }

  /** A record outside of any transaction. */
  public synchronized CannedLog record(SimpleRecord record) {
    return add(MemoryRecords.withRecords(end, Compression.NONE, record), 1);
  }

  /** Records outside of any transaction. */
  public synchronized CannedLog records(int count) {
    return add(MemoryRecords.withRecords(end, Compression.NONE, some(count)), count);
  }

  /** Records of a transaction that is committed, with its marker. */
  public synchronized CannedLog committed(int count) {
    return transaction(count).marker(ControlRecordType.COMMIT);
  }

  /** Records of a transaction that is aborted, with its marker. */
  public synchronized CannedLog aborted(int count) {
    long first = end;
    transaction(count).marker(ControlRecordType.ABORT);
    aborted.add(new AbortedTransaction().setProducerId(producers).setFirstOffset(first));
    return this;
  }

  /** Records of a transaction that is open and stays so. */
  public synchronized CannedLog open(int count) {
    openSince = Math.min(openSince, end);
    return transaction(count);
  }

  /** The open one is aborted, with its marker. */
  synchronized void abortOpen() {
    if (openSince < Long.MAX_VALUE) {
      aborted.add(new AbortedTransaction().setProducerId(producers).setFirstOffset(openSince));
      openSince = Long.MAX_VALUE;
      marker(ControlRecordType.ABORT);
    }
  }

  private CannedLog transaction(int count) {
    producers++;
    return add(
        MemoryRecords.withTransactionalRecords(
            end, Compression.NONE, producers, EPOCH, 0, 0, some(count)),
        count);
  }

  private CannedLog marker(ControlRecordType type) {
    return add(
        MemoryRecords.withEndTransactionMarker(
            end, 0, 0, producers, EPOCH, new EndTransactionMarker(type, 0)),
        1);
  }

  private CannedLog add(MemoryRecords batch, int offsets) {
    batches.add(batch);
    end += offsets;
    return this;
  }

  private static SimpleRecord[] some(int count) {
    SimpleRecord[] records = new SimpleRecord[count];
    for (int i = 0; i < count; i++) {
      records[i] = new SimpleRecord("k".getBytes(UTF_8), ("" + i).getBytes(UTF_8));
    }
    return records;
  }

  /** The first offset. */
  public synchronized long begin() {
    return begin;
  }

  /** The high watermark. */
  public synchronized long end() {
    return end;
  }

  /** The last stable offset. */
  public synchronized long stableEnd() {
    return Math.min(end, openSince);
  }

  synchronized List<AbortedTransaction> abortedTransactions() {
    return aborted.stream().map(AbortedTransaction::duplicate).toList();
  }

  /** The whole batches from one offset to another. */
  synchronized MemoryRecords between(long offset, long upTo) {
    List<ByteBuffer> wanted = new ArrayList<>();
    int size = 0;
    for (MemoryRecords batch : batches) {
      RecordBatch only = batch.batches().iterator().next();
      if (only.lastOffset() >= offset && only.lastOffset() < upTo) {
        wanted.add(batch.buffer().duplicate());
        size += batch.sizeInBytes();
      }
    }
    ByteBuffer all = ByteBuffer.allocate(size);
    wanted.forEach(all::put);
    all.flip();
    return MemoryRecords.readableRecords(all);
  }
}

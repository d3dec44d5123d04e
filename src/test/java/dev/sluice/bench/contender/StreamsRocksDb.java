package dev.sluice.bench.contender;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB of Kafka Streams within one budget for all stores, as Flink's managed memory is: half of
 * it for write buffers, index and filter blocks in the cache, and Bloom filters, because most
 * look-ups of pending halves find nothing.
 */
public final class StreamsRocksDb implements RocksDBConfigSetter {

  private static final AtomicLong BUDGET = new AtomicLong(256L << 20);
  private static final int BITS_A_KEY = 10;
  private static final int MOST_WRITE_BUFFERS = 3;

  private static @Nullable Cache cache;
  private static @Nullable WriteBufferManager buffers;

  /** Made by Kafka Streams, by name. */
  public StreamsRocksDb() {}

  /** Bytes for all stores of this process; set before the first is opened. */
  static void setBudget(long bytes) {
    BUDGET.set(bytes);
  }

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    synchronized (StreamsRocksDb.class) {
      long budget = BUDGET.get();
      if (cache == null || buffers == null) {
        cache = new LRUCache(budget);
        buffers = new WriteBufferManager(budget / 2, cache);
      }
      BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
      table.setBlockCache(cache);
      table.setCacheIndexAndFilterBlocks(true);
      table.setPinL0FilterAndIndexBlocksInCache(true);
      table.setFilterPolicy(new BloomFilter(BITS_A_KEY, false));
      options.setTableFormatConfig(table);
      options.setWriteBufferManager(buffers);
      options.setWriteBufferSize(budget / 8);
      options.setMaxWriteBufferNumber(MOST_WRITE_BUFFERS);
    }
  }

  @Override
  public void close(String storeName, Options options) {
    // The budget is shared and lives as long as the process.
  }
}

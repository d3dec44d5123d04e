package dev.sluice.tool.savepoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * A RocksDB as Flink's backend lays it out, open for reading alone: a column family for each state,
 * in it key group, key, namespace and, of a map, the map's key. Its memory does not grow with what
 * is in it: a cache of fixed size holds the tables' indexes too, and few files are open at once.
 * Every block that is read is compared with its checksum.
 */
final class RocksTables implements AutoCloseable {

  private static final long CACHE_BYTES = 16L << 20;
  private static final int OPEN_FILES = 64;

  /** Of Flink's backend, for its lists; without it a table that holds one can't be opened. */
  private static final String MERGE_OPERATOR = "stringappendtest";

  private final Deque<AutoCloseable> opened;
  private final RocksDB rocksDb;
  private final ReadOptions reading;
  private final Map<String, ColumnFamilyHandle> states;

  private RocksTables(
      Deque<AutoCloseable> opened,
      RocksDB rocksDb,
      ReadOptions reading,
      Map<String, ColumnFamilyHandle> states) {
    this.opened = opened;
    this.rocksDb = rocksDb;
    this.reading = reading;
    this.states = states;
  }

  /** What RocksDB found to be wrong. */
  static final class Damaged extends IOException {

    private static final long serialVersionUID = 1L;

    private Damaged(RocksDBException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /**
   * Opens it.
   *
   * @param meta the states that it must hold
   * @throws IOException if it can't be opened, or one of them is missing
   */
  static RocksTables open(Path directory, KeyedMeta meta) throws IOException {
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      return open(directory.toString(), meta, opened);
    } catch (RocksDBException e) {
      close(opened);
      throw new Damaged(e);
    } catch (IOException | RuntimeException e) {
      close(opened);
      throw e;
    }
  }

  private static RocksTables open(String directory, KeyedMeta meta, Deque<AutoCloseable> opened)
      throws RocksDBException, IOException {
    Cache cache = closing(new LRUCache(CACHE_BYTES), opened);
    ColumnFamilyOptions family = closing(new ColumnFamilyOptions(), opened);
    family.setMergeOperatorName(MERGE_OPERATOR);
    family.setTableFormatConfig(
        new BlockBasedTableConfig().setBlockCache(cache).setCacheIndexAndFilterBlocks(true));
    DBOptions options = closing(new DBOptions(), opened);
    options.setMaxOpenFiles(OPEN_FILES);
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    try (Options listing = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(listing, directory)) {
        descriptors.add(new ColumnFamilyDescriptor(name, family));
      }
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    RocksDB rocksDb =
        closing(RocksDB.openReadOnly(options, directory, descriptors, handles), opened);
    Map<String, ColumnFamilyHandle> byName = new HashMap<>();
    for (int i = 0; i < handles.size(); i++) {
      String name = new String(descriptors.get(i).getName(), UTF_8);
      byName.put(name, closing(handles.get(i), opened));
    }
    Map<String, ColumnFamilyHandle> states = new LinkedHashMap<>();
    for (StateMetaInfoSnapshot state : meta.states()) {
      ColumnFamilyHandle table = byName.get(state.getName());
      if (table == null) {
        throw new IOException("it has no column family (%s)".formatted(state.getName()));
      }
      states.put(state.getName(), table);
    }
    ReadOptions reading = closing(new ReadOptions(), opened);
    reading.setVerifyChecksums(true);
    reading.setTotalOrderSeek(true);
    return new RocksTables(opened, rocksDb, reading, states);
  }

  private static <T extends AutoCloseable> T closing(T one, Deque<AutoCloseable> opened) {
    opened.push(one);
    return one;
  }

  /**
   * Shows every entry of a range of key groups, in each of them state after state; for any thread.
   *
   * @param keyGroups of the operator
   * @throws Damaged if a block is not what was written
   */
  void each(KeyGroupRange range, int keyGroups, KeyedEntries.Visitor visitor) throws IOException {
    Map<String, RocksIterator> entries = new LinkedHashMap<>();
    try {
      states.forEach((name, table) -> entries.put(name, rocksDb.newIterator(table, reading)));
      for (RocksIterator state : entries.values()) {
        state.seek(prefix(range.getStartKeyGroup(), keyGroups));
      }
      for (int keyGroup : range) {
        byte[] prefix = prefix(keyGroup, keyGroups);
        for (Map.Entry<String, RocksIterator> state : entries.entrySet()) {
          each(state.getKey(), state.getValue(), prefix, visitor);
        }
        visitor.endOfKeyGroup();
      }
    } catch (RocksDBException e) {
      throw new Damaged(e);
    } finally {
      entries.values().forEach(RocksIterator::close);
    }
  }

  /** From its position to the end of the key group. */
  private static void each(
      String state, RocksIterator entry, byte[] prefix, KeyedEntries.Visitor visitor)
      throws IOException, RocksDBException {
    while (entry.isValid()) {
      byte[] key = entry.key();
      if (!startsWith(key, prefix)) {
        return;
      }
      visitor.entry(state, key, entry.value());
      entry.next();
    }
    entry.status(); // It is invalid at its end, and where it can't continue.
  }

  private static byte[] prefix(int keyGroup, int keyGroups) {
    int length = CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix(keyGroups);
    byte[] prefix = new byte[length];
    for (int i = 0; i < length; i++) {
      prefix[i] = (byte) (keyGroup >>> (Byte.SIZE * (length - 1 - i)));
    }
    return prefix;
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  @Override
  public void close() {
    close(opened);
  }

  /** The last one first: the tables before their database. */
  private static void close(Deque<AutoCloseable> opened) {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("RocksDB can't be closed", e);
      }
    }
  }
}

package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.util.List;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;

/** Shows keyed state that RocksDB wrote in its own format, one subtask's copy on disk at a time. */
final class RocksEntries implements EntrySource {

  private final String uri;
  private final int keyGroups;
  private final List<IncrementalRemoteKeyedStateHandle> handles;

  RocksEntries(String uri, int keyGroups, List<IncrementalRemoteKeyedStateHandle> handles) {
    this.uri = uri;
    this.keyGroups = keyGroups;
    this.handles = handles;
  }

  @Override
  public int keyGroups() {
    return keyGroups;
  }

  @Override
  public void each(KeyGroupRange range, KeyedEntries.Visitor visitor) throws IOException {
    for (IncrementalRemoteKeyedStateHandle handle : handles) {
      if (handle.getKeyGroupRange().getIntersection(range).getNumberOfKeyGroups() > 0) {
        try (ReadPool pool = new ReadPool(0, ReadProgress.NONE);
            RocksHandle tables =
                RocksHandle.open(uri, handle, keyGroups, new FileHashes(List.of(), pool), pool)) {
          tables.each(range, visitor);
        }
      }
    }
  }
}

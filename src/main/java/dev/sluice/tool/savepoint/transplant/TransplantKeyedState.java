package dev.sluice.tool.savepoint.transplant;

import dev.sluice.state.Uids;
import dev.sluice.tool.savepoint.KeyedEntries;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.state.CheckpointStreamWithResultProvider.PrimaryStreamOnly;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.FullSnapshotAsyncWriter;
import org.apache.flink.runtime.state.FullSnapshotResources;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyValueStateIterator;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/**
 * Writes keyed state in the canonical format, by Flink's own writer: the models of one snapshot
 * among everything else of another one. Entries are copied as bytes; each value carries the version
 * of its format.
 */
final class TransplantKeyedState {

  private final KeyedEntries models;
  private final KeyedEntries rest;
  private final List<StateMetaInfoSnapshot> states;
  private final Map<String, Integer> stateIds = new HashMap<>();
  private final FsCheckpointStreamFactory files;

  /**
   * @param files where files go
   * @throws IOException if a snapshot can't be read
   */
  TransplantKeyedState(KeyedEntries models, KeyedEntries rest, FsCheckpointStreamFactory files)
      throws IOException {
    this.models = models;
    this.rest = rest;
    Map<String, StateMetaInfoSnapshot> all = new LinkedHashMap<>(rest.states());
    StateMetaInfoSnapshot model = models.states().get(Uids.MODEL_STATE);
    if (model != null) {
      all.put(Uids.MODEL_STATE, model);
    }
    this.states = new ArrayList<>(all.values());
    for (StateMetaInfoSnapshot state : states) {
      stateIds.put(state.getName(), stateIds.size());
    }
    this.files = files;
  }

  /** Writes a file of a range of key groups, which may hold none. */
  KeyedStateHandle write(KeyGroupRange range) throws IOException {
    FullSnapshotAsyncWriter<String> writer =
        new FullSnapshotAsyncWriter<>(
            SavepointType.savepoint(SavepointFormatType.CANONICAL),
            () ->
                new PrimaryStreamOnly(
                    files.createCheckpointStateOutputStream(CheckpointedStateScope.EXCLUSIVE)),
            new Resources(range));
    try (CloseableRegistry open = new CloseableRegistry()) {
      KeyedStateHandle written = writer.get(open).getJobManagerOwnedSnapshot();
      if (written == null) {
        throw new IOException("no keyed state was written for the key groups " + range);
      }
      return written;
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the keyed state of %s can't be written: %s".formatted(range, e), e);
    }
  }

  /** What Flink's writer asks a state backend. */
  private final class Resources implements FullSnapshotResources<String> {

    private final KeyGroupRange range;

    Resources(KeyGroupRange range) {
      this.range = range;
    }

    @Override
    public List<StateMetaInfoSnapshot> getMetaInfoSnapshots() {
      return states;
    }

    @Override
    public KeyValueStateIterator createKVStateIterator() throws IOException {
      return new TransplantEntries(models, rest, stateIds, range);
    }

    @Override
    public KeyGroupRange getKeyGroupRange() {
      return range;
    }

    @Override
    public TypeSerializer<String> getKeySerializer() {
      return StringSerializer.INSTANCE;
    }

    @Override
    public StreamCompressionDecorator getStreamCompressionDecorator() {
      return UncompressedStreamCompressionDecorator.INSTANCE;
    }

    @Override
    public void release() {}
  }
}

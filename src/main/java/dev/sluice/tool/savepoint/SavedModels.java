package dev.sluice.tool.savepoint;

import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;

/**
 * Reads the models of a snapshot as a stream: no more than one key group's state is in memory.
 * Those of a canonical snapshot and of the heap backend are in files that are read in place;
 * RocksDB's own are copied to this machine first, one subtask's at a time. Every method reads the
 * files again and throws {@link BadSnapshotException} if one is missing or damaged, {@link
 * UnreadModelsException} if this machine can't read them.
 */
public final class SavedModels {

  private final Snapshot snapshot;
  private final OperatorState operator;

  SavedModels(Snapshot snapshot, OperatorState operator) {
    this.snapshot = snapshot;
    this.operator = operator;
  }

  /**
   * Adds up and judges every key's state in one pass, one entry in memory at a time. What is wrong
   * with a single model is a problem in the result, not an exception.
   */
  public ModelCheck check() throws IOException {
    return WholeRead.of(snapshot, ReadProgress.NONE).models();
  }

  /** Shows every key, in the order of the key groups; what it holds of a group is in memory. */
  public void eachKey(KeyVisitor visitor) throws IOException {
    EntrySource entries = entries();
    entries.each(all(entries), new KeyJoiner(new EntryFormat(entries.keyGroups()), visitor));
  }

  /** Looks up one key; only its key group is read. */
  public Optional<SavedKey> key(String key) throws IOException {
    EntrySource entries = entries();
    int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(key, entries.keyGroups());
    List<SavedKey> found = new ArrayList<>(1);
    entries.each(
        KeyGroupRange.of(keyGroup, keyGroup),
        new KeyJoiner(
            new EntryFormat(entries.keyGroups()),
            saved -> {
              if (saved.key().equals(key)) {
                found.add(saved);
              }
            }));
    return found.stream().findFirst();
  }

  /** The shape of every model. */
  ModelShape shape() throws BadSnapshotException {
    ModelDescription description = snapshot.requiredDescription();
    try {
      return description.shape();
    } catch (IllegalArgumentException e) {
      throw BadSnapshotException.unreadable(snapshot.uri(), "the models' description", e);
    }
  }

  private EntrySource entries() throws IOException {
    List<KeyedStateHandle> handles = KeyedEntries.handles(operator);
    requireReadable(snapshot, handles);
    return entries(snapshot, operator.getMaxParallelism(), handles, BufferedHandle::new);
  }

  /**
   * The entries of some handles, which are {@link #requireReadable readable}.
   *
   * @param opening what a file is read through, if it is one that is read where it is
   */
  static EntrySource entries(
      Snapshot snapshot,
      int keyGroups,
      List<KeyedStateHandle> handles,
      KeyedEntries.Opening opening) {
    if (snapshot.canonical()) {
      return new KeyedEntries(snapshot.uri(), keyGroups, handles, opening);
    }
    List<IncrementalRemoteKeyedStateHandle> tables =
        some(handles, IncrementalRemoteKeyedStateHandle.class);
    return tables.isEmpty()
        ? new HeapEntries(
            snapshot.uri(), keyGroups, some(handles, KeyGroupsStateHandle.class), opening)
        : new RocksEntries(snapshot.uri(), keyGroups, tables);
  }

  private static <T> List<T> some(List<KeyedStateHandle> handles, Class<T> type) {
    return handles.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /**
   * Sees to it that every handle is of one kind that can be read.
   *
   * @throws UnreadModelsException if one is of another
   */
  static void requireReadable(Snapshot snapshot, List<KeyedStateHandle> handles)
      throws IOException {
    boolean files = handles.stream().allMatch(KeyGroupsStateHandle.class::isInstance);
    boolean tables = handles.stream().allMatch(IncrementalRemoteKeyedStateHandle.class::isInstance);
    if (!files && (!tables || snapshot.canonical())) {
      throw new UnreadModelsException(
          snapshot.uri(),
          "it is a %s in a format that this tool does not know (%s): take a savepoint with --type canonical"
              .formatted(
                  snapshot.kind().words(),
                  handles.stream()
                      .map(handle -> handle.getClass().getSimpleName())
                      .distinct()
                      .collect(Collectors.joining(", "))));
    }
  }

  private static KeyGroupRange all(EntrySource entries) {
    return KeyGroupRange.of(0, entries.keyGroups() - 1);
  }
}

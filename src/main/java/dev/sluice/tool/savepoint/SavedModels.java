package dev.sluice.tool.savepoint;

import dev.sluice.model.ModelDescription;
import dev.sluice.model.Pending;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.jspecify.annotations.Nullable;

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

  /** Is shown one key after the other. */
  @FunctionalInterface
  public interface Visitor {

    /** Takes a key, which is its own from now on. */
    void visit(SavedKey key) throws IOException;
  }

  /**
   * Adds up and judges every key's state in one pass, one entry in memory at a time. What is wrong
   * with a single model is a problem in the result, not an exception.
   */
  public ModelCheck check() throws IOException {
    return WholeRead.of(snapshot, ReadProgress.NONE).models();
  }

  /** Shows every key, in the order of the key groups; what it holds of a group is in memory. */
  public void eachKey(Visitor visitor) throws IOException {
    int keyGroups = operator.getMaxParallelism();
    entries()
        .each(
            KeyGroupRange.of(0, keyGroups - 1), new KeyJoiner(new EntryFormat(keyGroups), visitor));
  }

  /** Looks up one key; only its key group is read. */
  public Optional<SavedKey> key(String key) throws IOException {
    int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(key, operator.getMaxParallelism());
    List<SavedKey> found = new ArrayList<>(1);
    Visitor visitor =
        saved -> {
          if (saved.key().equals(key)) {
            found.add(saved);
          }
        };
    entries()
        .each(
            KeyGroupRange.of(keyGroup, keyGroup),
            new KeyJoiner(new EntryFormat(operator.getMaxParallelism()), visitor));
    return found.stream().findFirst();
  }

  /** The shape of every model. */
  /** What is wrong with a key's model; null if nothing is, or there is none. */
  public @Nullable String fault(SavedKey key) throws BadSnapshotException {
    return key.model() == null ? null : new Soundness(shape()).fault(key.model());
  }

  ModelDescription.Shape shape() throws BadSnapshotException {
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
      Function<StreamStateHandle, BufferedHandle> opening) {
    if (snapshot.canonical()) {
      return new KeyedEntries(snapshot.uri(), keyGroups, handles, opening);
    }
    List<IncrementalRemoteKeyedStateHandle> tables =
        some(handles, IncrementalRemoteKeyedStateHandle.class);
    return tables.isEmpty()
        ? new HeapEntries(
            snapshot.uri(), keyGroups, some(handles, KeyGroupsStateHandle.class), opening)
        : (range, visitor) -> eachOfRocks(snapshot.uri(), keyGroups, tables, range, visitor);
  }

  /** One subtask's copy on disk at a time. */
  private static void eachOfRocks(
      String uri,
      int keyGroups,
      List<IncrementalRemoteKeyedStateHandle> handles,
      KeyGroupRange range,
      KeyedEntries.Visitor visitor)
      throws IOException {
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

  /** Brings together what the states hold of a key: one key group's models at a time, as bytes. */
  private static final class KeyJoiner implements KeyedEntries.Visitor {

    private final EntryFormat format;
    private final Visitor visitor;
    private final Map<String, Parts> keys = new LinkedHashMap<>();

    KeyJoiner(EntryFormat format, Visitor visitor) {
      this.format = format;
      this.visitor = visitor;
    }

    @Override
    public void entry(String state, byte[] key, byte[] value) throws IOException {
      if (state.equals(Uids.MODEL_STATE)) {
        Parts parts = parts(key, value);
        parts.model = value;
      } else if (state.equals(Uids.PENDING_STATE)) {
        Parts parts = parts(key, value);
        if (format.pending(value) instanceof Pending.EarlyOutcome) {
          parts.waitingOutcomes++;
        } else {
          parts.pendingObservations++;
        }
      }
    }

    @Override
    public void endOfKeyGroup() throws IOException {
      for (Map.Entry<String, Parts> entry : keys.entrySet()) {
        Parts parts = entry.getValue();
        visitor.visit(
            new SavedKey(
                entry.getKey(),
                parts.model == null ? null : format.model(parts.model),
                parts.pendingObservations,
                parts.waitingOutcomes,
                parts.bytes));
      }
      keys.clear();
    }

    private Parts parts(byte[] key, byte[] value) throws IOException {
      Parts parts = keys.computeIfAbsent(format.key(key), k -> new Parts());
      parts.bytes += value.length;
      return parts;
    }

    private static final class Parts {
      private byte @Nullable [] model;
      private int pendingObservations;
      private int waitingOutcomes;
      private long bytes;
    }
  }
}

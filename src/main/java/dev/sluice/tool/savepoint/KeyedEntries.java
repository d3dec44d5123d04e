package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.restore.FullSnapshotRestoreOperation;
import org.apache.flink.runtime.state.restore.KeyGroup;
import org.apache.flink.runtime.state.restore.KeyGroupEntry;
import org.apache.flink.runtime.state.restore.SavepointRestoreResult;
import org.apache.flink.runtime.state.restore.ThrowingIterator;
import org.apache.flink.util.StateMigrationException;

/**
 * Streams the keyed state of one operator out of a canonical snapshot, whichever backend wrote it:
 * key group after key group, in each of them state after state, in the order of the files
 * (FLIP-41). Holds one entry at a time.
 */
public final class KeyedEntries implements EntrySource {

  private final String uri;
  private final int keyGroups;
  private final List<KeyedStateHandle> handles;
  private final Function<StreamStateHandle, BufferedHandle> opening;

  /**
   * @param uri of the snapshot, for messages
   */
  public KeyedEntries(String uri, OperatorState operator) {
    this(uri, operator.getMaxParallelism(), handles(operator), BufferedHandle::new);
  }

  /**
   * @param uri of the snapshot, for messages
   * @param keyGroups of the operator
   * @param handles of its keyed state, or some of them
   * @param opening what each of their files is read through
   */
  KeyedEntries(
      String uri,
      int keyGroups,
      List<KeyedStateHandle> handles,
      Function<StreamStateHandle, BufferedHandle> opening) {
    this.uri = uri;
    this.keyGroups = keyGroups;
    this.handles = handles;
    this.opening = opening;
  }

  /** Every handle of an operator's keyed state, in the order of its subtasks. */
  static List<KeyedStateHandle> handles(OperatorState operator) {
    List<KeyedStateHandle> handles = new ArrayList<>();
    for (OperatorSubtaskState subtask : operator.getStates()) {
      subtask.getManagedKeyedState().forEach(handles::add);
    }
    return handles;
  }

  /** Is shown every entry. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Takes an entry.
     *
     * @param state the state's name
     * @param key key group, key, namespace and, of a map, the map's key
     * @param value as the state's serializer wrote it
     */
    void entry(String state, byte[] key, byte[] value) throws IOException;

    /** A key group is over: none of its keys comes again. */
    default void endOfKeyGroup() throws IOException {}
  }

  /** What the files say of each state, by name; if several files have one, the first. */
  public Map<String, StateMetaInfoSnapshot> states() throws IOException {
    return SavedObjects.reading(this::readStates);
  }

  private Map<String, StateMetaInfoSnapshot> readStates() throws IOException {
    Map<String, StateMetaInfoSnapshot> states = new LinkedHashMap<>();
    for (KeyGroupsStateHandle file : files(KeyGroupRange.of(0, keyGroups - 1))) {
      try (ThrowingIterator<SavepointRestoreResult> results = restore(file)) {
        SavepointRestoreResult result = next(results, file);
        result.getRestoredKeyGroups().close();
        result.getStateMetaInfoSnapshots().forEach(s -> states.putIfAbsent(s.getName(), s));
      } catch (StateMigrationException e) {
        throw BadSnapshotException.unlessUnread(uri, file, e);
      }
    }
    return states;
  }

  @Override
  public void each(KeyGroupRange range, Visitor visitor) throws IOException {
    SavedObjects.reading(
        () -> {
          readEach(range, visitor);
          return true;
        });
  }

  private void readEach(KeyGroupRange range, Visitor visitor) throws IOException {
    for (KeyGroupsStateHandle file : files(range)) {
      try (ThrowingIterator<SavepointRestoreResult> results = restore(file)) {
        while (results.hasNext()) {
          SavepointRestoreResult result = next(results, file);
          try (ThrowingIterator<KeyGroup> groups = result.getRestoredKeyGroups()) {
            eachOfFile(groups, names(result), file, visitor);
          }
        }
      } catch (StateMigrationException e) {
        throw BadSnapshotException.unlessUnread(uri, file, e);
      }
    }
  }

  private void eachOfFile(
      ThrowingIterator<KeyGroup> groups,
      List<String> names,
      KeyGroupsStateHandle file,
      Visitor visitor)
      throws IOException, StateMigrationException {
    while (groups.hasNext()) {
      KeyGroup group = next(groups, file);
      try (ThrowingIterator<KeyGroupEntry> entries = group.getKeyGroupEntries()) {
        while (entries.hasNext()) {
          KeyGroupEntry entry = next(entries, file);
          if (entry.getKvStateId() >= names.size()) {
            throw BadSnapshotException.unlessUnread(
                uri, file, new IOException("no state has the number of an entry"));
          }
          visitor.entry(names.get(entry.getKvStateId()), entry.getKey(), entry.getValue());
        }
      }
      visitor.endOfKeyGroup();
    }
  }

  private List<KeyGroupsStateHandle> files(KeyGroupRange range) throws IOException {
    List<KeyGroupsStateHandle> files = new ArrayList<>();
    for (KeyedStateHandle handle : handles) {
      if (!(handle instanceof KeyGroupsStateHandle stored)) {
        throw new BadSnapshotException(
            "the keyed state of the snapshot %s is not in the canonical format but in (%s)"
                .formatted(uri, handle.getClass().getSimpleName()));
      }
      KeyGroupsStateHandle part = stored.getIntersection(range);
      if (part != null) {
        files.add(part);
      }
    }
    return files;
  }

  private ThrowingIterator<SavepointRestoreResult> restore(KeyGroupsStateHandle file)
      throws IOException, StateMigrationException {
    return new FullSnapshotRestoreOperation<String>(
            KeyGroupRange.of(0, keyGroups - 1),
            KeyedEntries.class.getClassLoader(),
            List.of(
                new KeyGroupsStateHandle(
                    file.getGroupRangeOffsets(), opening.apply(file.getDelegateStateHandle()))),
            StateSerializerProvider.fromNewRegisteredSerializer(StringSerializer.INSTANCE))
        .restore();
  }

  private static List<String> names(SavepointRestoreResult result) {
    return result.getStateMetaInfoSnapshots().stream().map(StateMetaInfoSnapshot::getName).toList();
  }

  private <T> T next(ThrowingIterator<T> iterator, KeyGroupsStateHandle file) throws IOException {
    try {
      return iterator.next();
    } catch (IOException
        | StateMigrationException
        | RuntimeException
        | OutOfMemoryError // a corrupt length may be huge
        | StackOverflowError e) {
      throw BadSnapshotException.unlessUnread(uri, file, e);
    }
  }
}

package dev.sluice.ops.snapshot;

import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Reads the models of a snapshot in the canonical format, as a stream: no more than one key group's
 * state is in memory. Every method reads the files anew and throws {@link BadSnapshotException} if
 * one is missing or damaged, or if the snapshot is in a backend's own format.
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
    KeyedEntries entries = entries();
    ModelChecker checker =
        new ModelChecker(new EntryFormat(entries.keyGroups()), new Soundness(shape()));
    entries.each(all(entries), checker);
    return checker.result();
  }

  /** Shows every key, in the order of the key groups; what it holds of a group is in memory. */
  public void eachKey(KeyVisitor visitor) throws IOException {
    KeyedEntries entries = entries();
    entries.each(all(entries), new KeyJoiner(new EntryFormat(entries.keyGroups()), visitor));
  }

  /** Looks one key up; only its key group is read. */
  public Optional<SavedKey> key(String key) throws IOException {
    KeyedEntries entries = entries();
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

  private ModelShape shape() throws BadSnapshotException {
    Optional<ModelDescription> description = snapshot.description();
    if (description.isEmpty()) {
      throw new BadSnapshotException(
          "the snapshot %s does not say what its models' arrays mean; resume from another snapshot"
              .formatted(snapshot.uri()));
    }
    try {
      return description.get().shape();
    } catch (IllegalArgumentException e) {
      throw BadSnapshotException.unreadable(snapshot.uri(), "the models' description", e);
    }
  }

  private KeyedEntries entries() throws BadSnapshotException {
    if (!snapshot.canonical()) {
      throw new BadSnapshotException(
          "the models of %s can't be read: it is a %s in a state backend's own format; take a savepoint with --type canonical to see them"
              .formatted(snapshot.uri(), snapshot.kind().words()));
    }
    return new KeyedEntries(snapshot.uri(), operator);
  }

  private static KeyGroupRange all(KeyedEntries entries) {
    return KeyGroupRange.of(0, entries.keyGroups() - 1);
  }
}

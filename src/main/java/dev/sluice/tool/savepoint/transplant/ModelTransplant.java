package dev.sluice.tool.savepoint.transplant;

import dev.sluice.state.Uids;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.KeyedEntries;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.SavedObjects;
import dev.sluice.tool.savepoint.Snapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;

/**
 * Writes a savepoint that holds the models of an older one and everything else of the newest: its
 * source offsets, what is pending and its timers, its transactions, its fence, its pauses. A job
 * resumed from it reads on where the newest one ended, with the older models.
 *
 * <p>The older models are written without the times of their keys' last events, which would let
 * them expire for events that were rolled back: a job whose models expire counts from its restart.
 *
 * <p>A key that only the older one knows has its older model, and nothing pending. A key that only
 * the newest one knows has no model, and begins as a new key does, with what is pending for it
 * still there.
 *
 * <p>It is whole or it is none: {@code _metadata} is written last, and renamed when it is complete.
 */
public final class ModelTransplant {

  private static final int BUFFER_BYTES = 1 << 17;
  private static final String METADATA = AbstractFsCheckpointStorageAccess.METADATA_FILE_NAME;

  /** What says what the models' arrays mean, and whose predictions are stored with theirs. */
  private static final Set<String> OF_THE_MODELS =
      Set.of(Uids.CHAMPION_STATE, Uids.DESCRIPTION_STATE);

  /**
   * The control commands since then, which {@link TransplantControlState} puts together, and the
   * shadow.
   */
  private static final Set<String> OF_THE_JOB =
      Set.of(
          Uids.ORDERS_STATE,
          Uids.SHADOW_STATE,
          Uids.EXPIRY_STATE,
          Uids.CONTROL_POSITION_STATE,
          Uids.CONTROL_SINCE_STATE,
          Uids.OPEN_FORGETS_STATE,
          Uids.FEATURES_STATE,
          Uids.INPUT_RULES_STATE);

  private final Snapshot older;
  private final Snapshot newest;

  /**
   * Takes the two snapshots; writes nothing yet.
   *
   * @param older whose models
   * @param newest whose everything else
   * @throws BadSnapshotException if they can't be put together, with the reason
   */
  public ModelTransplant(Snapshot older, Snapshot newest) throws BadSnapshotException {
    this.older = older;
    this.newest = newest;
    requireCanonical(older);
    requireCanonical(newest);
    if (newest.kind() == Kind.DRAINED) {
      throw new BadSnapshotException(
          "%s is drained: no job can continue from it. Name a savepoint that was taken before"
              .formatted(newest.uri()));
    }
    requireKnown(older);
    requireKnown(newest);
    requireNoReplay(older);
    requireNoReplay(newest);
    int groups = older.learnAndPredict().getMaxParallelism();
    if (groups != newest.learnAndPredict().getMaxParallelism()) {
      throw new BadSnapshotException(
          "%s has %s key groups, but %s has %s: their keys can't be put together"
              .formatted(
                  older.uri(), groups, newest.uri(), newest.learnAndPredict().getMaxParallelism()));
    }
    List<String> differences = differences(older, newest);
    if (!differences.isEmpty()) {
      throw new BadSnapshotException(
          "the models of %s mean something else than those of %s: %s. Roll everything back, without --model-only"
              .formatted(older.uri(), newest.uri(), String.join("; ", differences)));
    }
  }

  /** Why the models of one snapshot can't be used in another one; a sentence a setting. */
  public static List<String> differences(Snapshot older, Snapshot newest)
      throws BadSnapshotException {
    return newest.requiredDescription().differences(older.requiredDescription());
  }

  /** State that this release does not know may belong to the models, or not: nothing is guessed. */
  private static void requireKnown(Snapshot snapshot) throws BadSnapshotException {
    for (Map<String, StateMetaInfo> states : listStates(snapshot)) {
      for (String name : states.keySet()) {
        if (!OF_THE_MODELS.contains(name) && !OF_THE_JOB.contains(name)) {
          throw new BadSnapshotException(
              ("%s holds the state (%s), of which this release does not know whether it belongs to the models: use "
                      + "the tool of the job's own release")
                  .formatted(snapshot.uri(), name));
        }
      }
    }
  }

  /** Its models follow commands that a snapshot in a replay stores apart from them. */
  private static void requireNoReplay(Snapshot snapshot) throws BadSnapshotException {
    for (Map<String, StateMetaInfo> states : listStates(snapshot)) {
      StateMetaInfo since = states.get(Uids.CONTROL_SINCE_STATE);
      if (since != null && since.getOffsets().length > 0) {
        throw new BadSnapshotException(
            ("%s was taken while control commands were replayed: stop the job again when it has caught up, and "
                    + "name that savepoint")
                .formatted(snapshot.uri()));
      }
    }
  }

  private static List<Map<String, StateMetaInfo>> listStates(Snapshot snapshot) {
    return snapshot.learnAndPredict().getStates().stream()
        .flatMap(subtask -> subtask.getManagedOperatorState().stream())
        .map(OperatorStateHandle::getStateNameToPartitionOffsets)
        .toList();
  }

  private static void requireCanonical(Snapshot snapshot) throws BadSnapshotException {
    if (!snapshot.canonical()) {
      throw new BadSnapshotException(
          ("%s is a %s in a state backend's own format, in which models can't be exchanged: a savepoint with "
                  + "--type canonical is needed")
              .formatted(snapshot.uri(), snapshot.kind().words()));
    }
  }

  /**
   * Writes the savepoint.
   *
   * @param uri of its directory, which is not there yet
   * @throws IOException if a snapshot can't be read or this one not be written; the directory is
   *     then removed
   */
  public Snapshot write(String uri) throws IOException {
    Path directory = new Path(uri);
    FileSystem files = directory.getFileSystem();
    if (files.exists(directory)) {
      throw new IOException("%s is there already".formatted(directory));
    }
    boolean whole = false;
    try {
      files.mkdirs(directory);
      write(directory, SavedObjects.reading(() -> operators(directory)));
      whole = true;
    } finally {
      if (!whole) {
        files.delete(directory, true);
      }
    }
    return Snapshot.open(uri);
  }

  private void write(Path directory, List<OperatorState> operators) throws IOException {
    CheckpointMetadata before = newest.metadata();
    Path unfinished = new Path(directory, "." + METADATA + ".tmp");
    FileSystem files = directory.getFileSystem();
    try (OutputStream out = files.create(unfinished, WriteMode.NO_OVERWRITE)) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(
              before.getCheckpointId(),
              operators,
              before.getMasterStates(),
              before.getCheckpointProperties()),
          out);
    }
    Path metadata = new Path(directory, METADATA);
    if (!files.rename(unfinished, metadata)) {
      throw new IOException("%s can't be renamed to %s".formatted(unfinished, metadata));
    }
  }

  private List<OperatorState> operators(Path directory) throws IOException {
    CopiedFiles copies = new CopiedFiles(directory);
    List<OperatorState> operators = new ArrayList<>();
    for (OperatorState operator : newest.metadata().getOperatorStates()) {
      if (operator.isFullyFinished()) {
        operators.add(operator);
      } else if (operator.getOperatorID().equals(newest.learnAndPredict().getOperatorID())) {
        operators.add(mixed(operator, directory));
      } else {
        operators.add(copied(operator, copies));
      }
    }
    return operators;
  }

  private static OperatorState copied(OperatorState operator, CopiedFiles copies)
      throws IOException {
    OperatorState copy = alike(operator);
    for (Map.Entry<Integer, OperatorSubtaskState> subtask :
        operator.getSubtaskStates().entrySet()) {
      OperatorSubtaskState state = subtask.getValue();
      copy.putState(
          subtask.getKey(),
          state.toBuilder()
              .setManagedOperatorState(copies.lists(state.getManagedOperatorState()))
              .setRawOperatorState(copies.lists(state.getRawOperatorState()))
              .setManagedKeyedState(copies.keyed(state.getManagedKeyedState()))
              .setRawKeyedState(copies.keyed(state.getRawKeyedState()))
              .build());
    }
    return copy;
  }

  private OperatorState mixed(OperatorState operator, Path directory) throws IOException {
    FsCheckpointStreamFactory files =
        new FsCheckpointStreamFactory(
            directory.getFileSystem(), directory, directory, 0, BUFFER_BYTES);
    TransplantLists mixedLists = new TransplantLists(files);
    TransplantKeyedState keyed =
        new TransplantKeyedState(
            new KeyedEntries(older.uri(), older.learnAndPredict()),
            new KeyedEntries(newest.uri(), operator),
            files);
    TransplantControlState orders = TransplantControlState.of(older.learnAndPredict(), operator);
    OperatorState mixed = alike(operator);
    for (int subtask = 0; subtask < operator.getParallelism(); subtask++) {
      boolean first = subtask == 0;
      OperatorStateHandle lists =
          mixedLists.write(
              lists(operator, subtask),
              newest.checkpointId(),
              backend -> {
                if (first) {
                  orders.putInto(backend);
                }
              });
      mixed.putState(
          subtask,
          OperatorSubtaskState.builder()
              .setManagedOperatorState(StateObjectCollection.singletonOrEmpty(lists))
              .setManagedKeyedState(
                  keyed.write(
                      KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
                          operator.getMaxParallelism(), operator.getParallelism(), subtask)))
              .build());
    }
    return mixed;
  }

  /** A subtask's own list states; the first one has those of all older models besides. */
  private List<OperatorStateHandle> lists(OperatorState operator, int subtask) {
    List<OperatorStateHandle> lists = new ArrayList<>();
    OperatorSubtaskState its = operator.getState(subtask);
    if (its != null) {
      lists.addAll(lists(its, false));
    }
    if (subtask == 0) {
      older.learnAndPredict().getStates().forEach(one -> lists.addAll(lists(one, true)));
    }
    return lists;
  }

  /** A subtask's list states: those of the models, or the others. */
  private static List<OperatorStateHandle> lists(
      OperatorSubtaskState subtask, boolean ofTheModels) {
    List<OperatorStateHandle> lists = new ArrayList<>();
    for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
      Map<String, StateMetaInfo> wanted = new HashMap<>(handle.getStateNameToPartitionOffsets());
      wanted.keySet().remove(Uids.ORDERS_STATE);
      wanted.keySet().remove(Uids.EXPIRY_STATE); // the older models have no timers here
      wanted.keySet().removeIf(name -> OF_THE_MODELS.contains(name) != ofTheModels);
      if (!wanted.isEmpty()) {
        lists.add(new OperatorStreamStateHandle(wanted, handle.getDelegateStateHandle()));
      }
    }
    return lists;
  }

  private static OperatorState alike(OperatorState operator) {
    OperatorState alike =
        new OperatorState(
            operator.getOperatorName().orElse(null),
            operator.getOperatorUid().orElse(null),
            operator.getOperatorID(),
            operator.getParallelism(),
            operator.getMaxParallelism());
    alike.setCoordinatorState(operator.getCoordinatorState());
    return alike;
  }
}

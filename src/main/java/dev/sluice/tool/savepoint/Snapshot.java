package dev.sluice.tool.savepoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.control.ControlState;
import dev.sluice.event.Event;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.model.ModelDescription;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A savepoint or retained checkpoint of this job. Opening reads {@code _metadata} alone, which
 * names every file and holds all small state itself; the rest is read when it is asked for, again
 * each time. Nothing is ever written. For one thread.
 *
 * <p>What reads operator state throws {@link UncheckedIOException}, with a {@link
 * BadSnapshotException} as its cause, if a file that it needs is missing or damaged, and with
 * another cause if its file system does not answer; {@link SnapshotFiles#check} never does.
 */
public final class Snapshot {

  private static final String COMMITTER = "Sink Committer: " + Uids.ANSWERS;
  private static final String COMMITTABLES = "streaming_committer_raw_states";

  /** As Flink's AsyncWaitOperator names it. */
  private static final String EARLIER_WAITING = "_async_wait_operator_state_";

  private static final TypeInformation<byte[]> BYTES =
      PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

  private final SnapshotLocation location;
  private final CheckpointMetadata metadata;
  private final OperatorState learnAndPredict;

  /**
   * What a snapshot holds of the restore fence, of all subtasks together.
   *
   * @param note merged over all subtasks
   * @param open every open interval: answers whose transactions were not known to be committed
   * @param ahead origins whose answers were committed beyond an earlier snapshot that the job was
   *     restored from
   */
  public record SavedFence(FenceNote note, List<OpenInterval> open, OriginSet ahead) {}

  /**
   * The champion that a snapshot brings along.
   *
   * @param version what its predictions are marked with
   * @param bytes the Tribuo protobuf file; owned by the record
   */
  public record SavedChampion(int version, byte[] bytes) {}

  private Snapshot(SnapshotLocation location, CheckpointMetadata metadata)
      throws BadSnapshotException {
    this.location = location;
    this.metadata = metadata;
    OperatorState found = operator(metadata, Uids.LEARN_AND_PREDICT);
    if (found == null) {
      throw new BadSnapshotException(
          "%s is a snapshot of another job: it holds no state of the operator '%s'"
              .formatted(location.directory(), Uids.LEARN_AND_PREDICT),
          true);
    }
    this.learnAndPredict = found;
  }

  /**
   * Opens a snapshot.
   *
   * @param uri of its directory or of its {@code _metadata}; without a scheme a path of this
   *     machine, relative ones from the working directory
   * @throws BadSnapshotException if nothing is there, or no snapshot, or one that is incomplete,
   *     corrupt or of another job
   * @throws IOException if its file system does not answer
   */
  public static Snapshot open(String uri) throws IOException {
    SnapshotLocation location = SnapshotLocation.find(uri);
    return new Snapshot(location, load(location));
  }

  /**
   * Opens one, and again while its file system fails.
   *
   * @param most how long the file system may take to answer
   * @throws UnreadFileException if it took longer, or hangs
   * @throws BadSnapshotException if there is none, or a damaged one
   */
  public static Snapshot open(String uri, Duration most) throws IOException, InterruptedException {
    return Stores.asked(most, () -> open(uri));
  }

  private static CheckpointMetadata load(SnapshotLocation location) throws IOException {
    SavedObjects.requireFilter();
    try {
      return SavedObjects.reading(() -> read(location));
    } catch (IOException
        | RuntimeException
        | OutOfMemoryError // a corrupt length may be huge
        | StackOverflowError e) { // and handles within handles deep
      UnreadFileException unread = UnreadFileException.in(e);
      if (unread != null) {
        throw unread;
      }
      throw new BadSnapshotException(
          "%s (%,d bytes) can't be read: %s; it is damaged, or a newer Flink wrote it: resume from another snapshot"
              .formatted(
                  location.metadata(), location.metadataBytes(), BadSnapshotException.reason(e)),
          e);
    }
  }

  private static CheckpointMetadata read(SnapshotLocation location) throws IOException {
    CheckpointMetadata metadata;
    try (InputStream file = StoredStream.open(location.metadata());
        DataInputStream in = new DataInputStream(new BufferedInputStream(file, 1 << 16))) {
      metadata =
          Checkpoints.loadCheckpointMetadata(
              in, Snapshot.class.getClassLoader(), location.directory().toString());
    }
    Kind.of(metadata.getCheckpointProperties()); // of damaged objects some fields may be missing
    for (StoredFile file : ReferencedFiles.of(metadata)) {
      StoredStream.require(file.path());
    }
    return metadata;
  }

  /** The URI of its directory. */
  public String uri() {
    return location.directory().toString();
  }

  /** Its number among the job's checkpoints and savepoints. */
  public long checkpointId() {
    return metadata.getCheckpointId();
  }

  /** What it was taken for. */
  public Kind kind() {
    return Kind.of(metadata.getCheckpointProperties());
  }

  /**
   * Whether it is in the format that is the same for every state backend; a checkpoint or a
   * savepoint of {@code --type native} is not.
   */
  public boolean canonical() {
    return metadata.getCheckpointProperties() != null
        && metadata.getCheckpointProperties().getCheckpointType() instanceof SavepointType type
        && type.getFormatType() == SavepointFormatType.CANONICAL;
  }

  /** Of the job that it was taken of: the highest of its operators. */
  public int parallelism() {
    return metadata.getOperatorStates().stream()
        .mapToInt(OperatorState::getParallelism)
        .max()
        .orElse(1);
  }

  /** Every file that it needs, each once, {@code _metadata} first. */
  public List<StoredFile> files() {
    List<StoredFile> all = new ArrayList<>();
    all.add(new StoredFile(location.metadata(), location.metadataBytes(), true));
    all.addAll(ReferencedFiles.of(metadata));
    return all;
  }

  /**
   * Where each input partition continues: the offset of the next record to be read, 0 where none
   * has been read yet. The control topic is one of them.
   */
  public SortedMap<Partition, Long> sourceOffsets() {
    return reading(
        "the source offsets", () -> SourceSplits.offsets(lists(Uids.EVENTS), lists(Uids.CONTROL)));
  }

  /** The transactions that are to be committed with it, by name. */
  public List<PendingTransaction> committables() {
    return reading(
        "the pending transactions",
        () -> Committables.of(lists(COMMITTER).read(COMMITTABLES, BYTES)));
  }

  /** Inputs that wait for lookups of features, not answered yet; empty if the job had none. */
  public OriginSet waitingForLookups() {
    return reading(
        "the lookups under way",
        () -> {
          OriginSet waiting = new OriginSet();
          for (Event event : lists(Uids.LOOKUPS).read(Uids.WAITING_STATE, SluiceTypes.EVENT)) {
            waiting.add(event.raw().origin());
          }
          StreamElementSerializer<Event> format =
              new StreamElementSerializer<>(
                  SluiceTypes.EVENT.createSerializer(new SerializerConfigImpl()));
          for (StreamElement element : lists(Uids.EARLIER_LOOKUPS).read(EARLIER_WAITING, format)) {
            if (element.isRecord()) {
              waiting.add(element.<Event>asRecord().getValue().raw().origin());
            }
          }
          return waiting;
        });
  }

  /** What the restore fence noted; empty if the job ran without one. */
  public Optional<SavedFence> fence() {
    return reading(
        "the restore fence",
        () -> {
          OperatorLists fence = lists(Uids.RESTORE_FENCE);
          List<FenceNote> notes = fence.read(Uids.FENCE_NOTES, SluiceTypes.FENCE_NOTE);
          if (notes.isEmpty()) {
            return Optional.empty();
          }
          OriginSet ahead = new OriginSet();
          fence.read(Uids.FENCE_AHEAD, SluiceTypes.ORIGIN_SET).forEach(ahead::addAll);
          return Optional.of(
              new SavedFence(
                  FenceNote.merge(notes),
                  fence.read(Uids.FENCE_INTERVALS, SluiceTypes.OPEN_INTERVAL),
                  ahead));
        });
  }

  /** The champion; empty if the job has none. */
  public Optional<SavedChampion> champion() {
    return reading(
        "the champion",
        () -> {
          Optional<SavedChampion> champion = Optional.empty();
          for (byte[] packed : lists(Uids.LEARN_AND_PREDICT).read(Uids.CHAMPION_STATE, BYTES)) {
            ByteBuffer buffer = ByteBuffer.wrap(packed);
            int version = buffer.getInt();
            byte[] model = new byte[buffer.remaining()];
            buffer.get(model);
            champion = Optional.of(new SavedChampion(version, model));
          }
          return champion;
        });
  }

  /** Which control commands the job had carried out. */
  public SavedCommands commands() {
    ControlState orders = orders();
    return reading(
        "the control commands",
        () ->
            SavedCommands.of(
                orders, lists(Uids.LEARN_AND_PREDICT), SourceSplits.offsets(lists(Uids.CONTROL))));
  }

  /** What control commands have left standing, a sentence each. */
  public List<String> standingOrders() {
    List<Integer> shadows =
        reading(
            "the shadow",
            () ->
                lists(Uids.LEARN_AND_PREDICT).read(Uids.SHADOW_STATE, BYTES).stream()
                    .map(packed -> ByteBuffer.wrap(packed).getInt())
                    .toList());
    return ControlStateText.of(orders(), shadows);
  }

  /** What control commands have paused for a key. */
  public KeyPauses pauses(String key) {
    ControlState orders = orders();
    return new KeyPauses(
        KeyPauses.Scope.of(orders.learning(), key), KeyPauses.Scope.of(orders.scoring(), key));
  }

  /** The combined effect of the control commands. */
  ControlState orders() {
    return reading(
        "the standing orders",
        () ->
            lists(Uids.LEARN_AND_PREDICT)
                .read(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS)
                .stream()
                .findFirst()
                .orElseGet(ControlState::new));
  }

  /** What the stored models' arrays mean; empty only if the operator was never started. */
  public Optional<ModelDescription> description() {
    return reading(
        "the models' description",
        () ->
            lists(Uids.LEARN_AND_PREDICT).read(Uids.DESCRIPTION_STATE, BYTES).stream()
                .findFirst()
                .map(ModelDescription::decode));
  }

  /** The same of a snapshot that must have it. */
  public ModelDescription requiredDescription() throws BadSnapshotException {
    return description()
        .orElseThrow(
            () ->
                new BadSnapshotException(
                    "the snapshot %s does not say what its models' arrays mean; resume from another snapshot"
                        .formatted(uri())));
  }

  /** Which of a job's settings would give its models another meaning; a sentence each. */
  public List<String> otherMeaning(JobSettings now) {
    Optional<ModelDescription> stored = description();
    return stored.isEmpty()
        ? List.of()
        : reading("the models' description", () -> stored.get().differences(now.model()));
  }

  /** Its keyed state. */
  public SavedModels models() {
    return new SavedModels(this, learnAndPredict);
  }

  /** Where it is. */
  SnapshotLocation location() {
    return location;
  }

  /** All that it says of its operators. */
  public CheckpointMetadata metadata() {
    return metadata;
  }

  /** The state of the operator that holds the models. */
  public OperatorState learnAndPredict() {
    return learnAndPredict;
  }

  private OperatorLists lists(String uid) {
    return new OperatorLists(operator(metadata, uid));
  }

  private static @Nullable OperatorState operator(CheckpointMetadata metadata, String uid) {
    OperatorID id = idOf(uid);
    for (OperatorState operator : metadata.getOperatorStates()) {
      if (operator.getOperatorID().equals(id)) {
        return operator;
      }
    }
    return null;
  }

  /** As Flink's StreamGraphHasherV2 makes it of a uid. */
  private static OperatorID idOf(String uid) {
    return new OperatorID(Hashing.murmur3_128(0).hashString(uid, UTF_8).asBytes());
  }

  private <T> T reading(String what, Stores.Question<T> reading) {
    try {
      return SavedObjects.reading(reading);
    } catch (IOException
        | RuntimeException
        | OutOfMemoryError // a corrupt length may be huge
        | StackOverflowError e) {
      throw new UncheckedIOException(BadSnapshotException.unlessUnread(uri(), what, e));
    }
  }
}

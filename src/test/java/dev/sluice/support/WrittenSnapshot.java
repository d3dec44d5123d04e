package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.control.ControlState;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of keyed models, sound or not, written by Flink's own writers from one operator that
 * holds the states of the keyed operator under their names. Every state lies in a file.
 */
public final class WrittenSnapshot implements AutoCloseable {

  private static final long CHECKPOINT_ID = 7;
  private static final int KEY_GROUPS = 128;

  private final Path directory;
  private final KeyedOneInputStreamOperatorTestHarness<String, Stored, OutputRecord> operator;

  private record Stored(String key, @Nullable ModelState model, Map<String, Pending> pending) {}

  /**
   * What the job stores once for all its models.
   *
   * @param description of the models' arrays
   * @param champion its version and file, as {@link #packed} makes them; null for none
   * @param orders what control commands came to, as {@link #packed(StandingOrders)} makes them;
   *     null if there were none
   * @param position the origin of the next command; null if it is not known
   */
  public record Meaning(
      ModelDescription description,
      byte @Nullable [] champion,
      byte @Nullable [] orders,
      @Nullable String position) {

    /** Of a job that no command has reached. */
    public Meaning(ModelDescription description, byte @Nullable [] champion) {
      this(description, champion, null, null);
    }

    /** The same after some commands. */
    public Meaning after(ControlState orders, Origin next) throws IOException {
      return new Meaning(description, champion, packed(orders), next.toString());
    }
  }

  /**
   * Opens the operator.
   *
   * @param directory where the snapshot's files go
   * @param compressed whether Flink compresses them
   */
  public WrittenSnapshot(Path directory, StateBackend backend, boolean compressed, Meaning meaning)
      throws Exception {
    this.directory = directory;
    this.operator =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new Storing(meaning)),
            Stored::key,
            Types.STRING,
            KEY_GROUPS,
            1,
            0);
    operator.getExecutionConfig().setUseSnapshotCompression(compressed);
    operator.setStateBackend(backend);
    operator.setCheckpointStorage(new FileSystemCheckpointStorage(directory.toUri(), 0));
    operator.setup(
        SluiceTypes.OUTPUT_RECORD.createSerializer(
            operator.getExecutionConfig().getSerializerConfig()));
    operator.open();
  }

  /** A champion's file as the job packs it. */
  public static byte[] packed(int version, byte[] champion) {
    return ByteBuffer.allocate(Integer.BYTES + champion.length)
        .putInt(version)
        .put(champion)
        .array();
  }

  private static byte[] packed(ControlState orders) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    SluiceTypes.STANDING_ORDERS.createSerializer(new SerializerConfigImpl()).serialize(orders, out);
    return out.getCopyOfBuffer();
  }

  /** Stores a key. */
  public WrittenSnapshot key(String key, @Nullable ModelState model, Map<String, Pending> pending)
      throws Exception {
    operator.processElement(new Stored(key, model, pending), 0);
    return this;
  }

  /**
   * Takes the snapshot.
   *
   * @return its directory
   */
  public String take(CheckpointProperties properties) throws Exception {
    OperatorSubtaskState subtask =
        operator
            .snapshotWithLocalState(CHECKPOINT_ID, 0, properties.getCheckpointType())
            .getJobManagerOwnedState();
    return store(Uids.LEARN_AND_PREDICT, subtask, properties);
  }

  /**
   * Writes a savepoint of the job that holds no state at all.
   *
   * @param directory its own, to be made
   */
  public static void empty(Path directory) throws IOException {
    OperatorState state =
        new OperatorState(
            null, Uids.LEARN_AND_PREDICT, operator(Uids.LEARN_AND_PREDICT), 1, KEY_GROUPS);
    Files.createDirectories(directory);
    try (OutputStream out = Files.newOutputStream(directory.resolve("_metadata"))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(
              CHECKPOINT_ID,
              List.of(state),
              List.of(),
              CheckpointProperties.forSavepoint(false, SavepointFormatType.CANONICAL)),
          out);
    }
  }

  private static OperatorID operator(String uid) {
    return new OperatorID(Hashing.murmur3_128(0).hashString(uid, UTF_8).asBytes());
  }

  private String store(String uid, OperatorSubtaskState subtask, CheckpointProperties properties)
      throws IOException {
    OperatorState state = new OperatorState(null, uid, operator(uid), 1, KEY_GROUPS);
    state.putState(0, subtask);
    Path snapshot = checkpointDirectory();
    try (OutputStream out = Files.newOutputStream(snapshot.resolve("_metadata"))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(CHECKPOINT_ID, List.of(state), List.of(), properties), out);
    }
    return snapshot.toString();
  }

  /** Where the storage has put the files: a directory of the job, which the harness has named. */
  private Path checkpointDirectory() throws IOException {
    try (Stream<Path> directories = Files.walk(directory, 2)) {
      return directories
          .filter(path -> path.endsWith("chk-" + CHECKPOINT_ID))
          .findFirst()
          .orElseThrow();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      operator.close();
    } catch (Exception e) {
      throw new IOException("the operator can't be closed", e);
    }
  }

  /** Puts what it is given into the states of the keyed operator. */
  @SuppressWarnings("NullAway.Init") // Flink calls open before any element
  private static final class Storing extends KeyedProcessFunction<String, Stored, OutputRecord>
      implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    private final byte[] description;
    private final byte @Nullable [] champion;
    private final byte @Nullable [] orders;
    private final @Nullable String position;
    private transient ValueState<ModelState> model;
    private transient MapState<String, Pending> pending;

    Storing(Meaning meaning) {
      this.description = meaning.description().encode();
      this.champion = meaning.champion();
      this.orders = meaning.orders();
      this.position = meaning.position();
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      if (champion != null) {
        context.getOperatorStateStore().getUnionListState(list(Uids.CHAMPION_STATE)).add(champion);
      }
      if (orders != null) {
        context
            .getOperatorStateStore()
            .getUnionListState(
                new ListStateDescriptor<>(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS))
            .add(
                SluiceTypes.STANDING_ORDERS
                    .createSerializer(new SerializerConfigImpl())
                    .deserialize(new DataInputDeserializer(orders)));
      }
      if (position != null) {
        context
            .getOperatorStateStore()
            .getUnionListState(new ListStateDescriptor<>(Uids.CONTROL_POSITION_STATE, Types.STRING))
            .add(position);
      }
      context
          .getOperatorStateStore()
          .getUnionListState(list(Uids.DESCRIPTION_STATE))
          .add(description);
      context
          .getOperatorStateStore()
          .getUnionListState(new ListStateDescriptor<>(Uids.EXPIRY_STATE, Types.LONG))
          .add(86_400_000L);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void open(OpenContext context) {
      model =
          getRuntimeContext()
              .getState(new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE));
      pending =
          getRuntimeContext()
              .getMapState(
                  new MapStateDescriptor<>(Uids.PENDING_STATE, Types.STRING, SluiceTypes.PENDING));
    }

    @Override
    public void processElement(Stored stored, Context context, Collector<OutputRecord> out)
        throws Exception {
      context.timerService().registerEventTimeTimer(1_000);
      if (stored.model != null) {
        model.update(stored.model);
      }
      for (Map.Entry<String, Pending> half : stored.pending.entrySet()) {
        pending.put(half.getKey(), half.getValue());
      }
    }

    private static ListStateDescriptor<byte[]> list(String name) {
      return new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    }
  }
}

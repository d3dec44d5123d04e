package dev.sluice.support.cluster;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import dev.sluice.support.ledger.Place;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.api.runtime.SavepointLoader;
import org.apache.flink.streaming.util.TestStreamEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads a savepoint in this process: keyed state by the State Processor API from the canonical
 * format, whatever backend wrote it.
 */
public final class SavepointModels {

  private SavepointModels() {}

  /**
   * Reads everything that the job stores for its keys: model, what is pending, and its timers.
   *
   * @param savepoint the savepoint's URI
   */
  public static SavedKeys keys(String savepoint) throws Exception {
    synchronized (InProcessFlink.ONE_PROGRAM_AT_A_TIME) {
      return collectKeys(savepoint);
    }
  }

  @SuppressWarnings("try") // closing may be interrupted, and then the test ends
  private static SavedKeys collectKeys(String savepoint) throws Exception {
    Map<String, String> keys = new TreeMap<>();
    Set<Place> held = new HashSet<>();
    try (CloseableIterator<Tuple3<String, byte[], String[]>> rows =
        reader(savepoint)
            .readKeyedState(
                OperatorIdentifier.forUid(Uids.LEARN_AND_PREDICT),
                new EverythingOfAKey(),
                Types.STRING,
                Types.TUPLE(
                    Types.STRING,
                    PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
                    Types.OBJECT_ARRAY(Types.STRING)))
            .executeAndCollect()) {
      rows.forEachRemaining(
          row -> {
            keys.put(row.f0, HexFormat.of().formatHex(row.f1));
            for (String origin : row.f2) {
              held.add(Place.parse(origin).orElseThrow());
            }
          });
    }
    return new SavedKeys(keys, held);
  }

  /**
   * Reads where each input partition resumes, the control topic's too, from the files alone.
   *
   * @param snapshot the URI of a savepoint or checkpoint
   * @throws IOException if it can't be read or has no source
   */
  public static Map<TopicPartition, Long> offsets(String snapshot) throws IOException {
    CheckpointMetadata metadata = SavepointLoader.loadSavepointMetadata(snapshot);
    Map<TopicPartition, Long> offsets = new HashMap<>();
    addOffsets(metadata, Uids.EVENTS, offsets);
    if (offsets.isEmpty()) {
      throw new IOException("no state of " + Uids.EVENTS + " in " + snapshot);
    }
    addOffsets(metadata, Uids.CONTROL, offsets);
    return offsets;
  }

  private static void addOffsets(
      CheckpointMetadata metadata, String uid, Map<TopicPartition, Long> offsets)
      throws IOException {
    OperatorID source = OperatorIdentifier.forUid(uid).getOperatorId();
    for (OperatorState state : metadata.getOperatorStates()) {
      if (state.getOperatorID().equals(source)) {
        for (OperatorSubtaskState subtask : state.getStates()) {
          for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
            addOffsets(handle, offsets);
          }
        }
      }
    }
  }

  private static void addOffsets(OperatorStateHandle handle, Map<TopicPartition, Long> offsets)
      throws IOException {
    KafkaPartitionSplitSerializer serializer = new KafkaPartitionSplitSerializer();
    OperatorStateHandle.StateMetaInfo splits =
        handle.getStateNameToPartitionOffsets().get("SourceReaderState");
    if (splits == null) {
      return; // A subtask that reads nothing.
    }
    try (FSDataInputStream in = handle.openInputStream()) {
      for (long position : splits.getOffsets()) {
        in.seek(position);
        byte[] bytes =
            BytePrimitiveArraySerializer.INSTANCE.deserialize(new DataInputViewStreamWrapper(in));
        KafkaPartitionSplit split =
            SimpleVersionedSerialization.readVersionAndDeSerialize(serializer, bytes);
        offsets.put(split.getTopicPartition(), Math.max(0, split.getStartingOffset()));
      }
    }
  }

  private static SavepointReader reader(String savepoint) throws IOException {
    return SavepointReader.read(new TestStreamEnvironment(OwnFlink.CLUSTER, 1), savepoint);
  }

  /** Started by the first read: to start one takes longer than most reads. */
  private static final class OwnFlink {
    static final MiniCluster CLUSTER = start();

    private static MiniCluster start() {
      MiniCluster cluster =
          new MiniCluster(new MiniClusterConfiguration.Builder().withRandomPorts().build());
      try {
        cluster.start();
      } catch (Exception e) {
        throw new IllegalStateException("can't start Flink in this process", e);
      }
      return cluster;
    }
  }

  /** One row a key: the key, the bytes of its state, the origins of what waits unanswered. */
  private static final class EverythingOfAKey
      extends KeyedStateReaderFunction<String, Tuple3<String, byte[], String[]>> {

    private static final long serialVersionUID = 1L;

    private transient ValueState<ModelState> model;
    private transient MapState<String, Pending> pending;
    private transient TypeSerializer<ModelState> modelSerializer;
    private transient TypeSerializer<Pending> pendingSerializer;

    @SuppressWarnings("NullAway.Init") // open runs before any key
    EverythingOfAKey() {}

    @Override
    public void open(OpenContext context) {
      model =
          getRuntimeContext()
              .getState(new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE));
      pending =
          getRuntimeContext()
              .getMapState(
                  new MapStateDescriptor<>(Uids.PENDING_STATE, Types.STRING, SluiceTypes.PENDING));
      modelSerializer = SluiceTypes.MODEL_STATE.createSerializer(new SerializerConfigImpl());
      pendingSerializer = SluiceTypes.PENDING.createSerializer(new SerializerConfigImpl());
    }

    @Override
    public void readKey(
        String key, Context context, Collector<Tuple3<String, byte[], String[]>> out)
        throws Exception {
      DataOutputSerializer bytes = new DataOutputSerializer(4096);
      ModelState state = model.value();
      bytes.writeBoolean(state != null);
      if (state != null) {
        modelSerializer.serialize(state, bytes);
      }
      List<String> held = writePending(bytes);
      writeTimers(key, context.registeredEventTimeTimers(), bytes);
      out.collect(Tuple3.of(key, bytes.getCopyOfBuffer(), held.toArray(new String[0])));
    }

    /**
     * Those of pending halves, at even times, are set as the cache knows them: a key that was
     * restored has others than one that was not. What waits must have one.
     */
    private void writeTimers(String key, Set<Long> timers, DataOutputSerializer bytes)
        throws Exception {
      boolean wakes = false;
      for (long timer : new TreeSet<>(timers)) {
        boolean ofTheModel = (timer & 1) == 1;
        wakes |= !ofTheModel || timer == Long.MAX_VALUE;
        if (ofTheModel) {
          bytes.writeLong(timer);
        }
      }
      if (!pending.isEmpty() && !wakes) {
        throw new IllegalStateException("something waits without a timer: " + key);
      }
    }

    private List<String> writePending(DataOutputSerializer bytes) throws Exception {
      TreeMap<String, Pending> sorted = new TreeMap<>(Comparator.naturalOrder());
      pending.entries().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
      bytes.writeInt(sorted.size());
      for (Map.Entry<String, Pending> entry : sorted.entrySet()) {
        bytes.writeUTF(entry.getKey());
        pendingSerializer.serialize(entry.getValue(), bytes);
      }
      return sorted.values().stream()
          .filter(Pending.EarlyOutcome.class::isInstance)
          .map(half -> ((Pending.EarlyOutcome) half).outcome().raw().origin().toString())
          .toList();
    }
  }
}

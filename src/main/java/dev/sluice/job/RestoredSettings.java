package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.model.ModelDescription;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a job's settings with what the snapshot of its start says that it was made under.
 * Otherwise Flink takes a job whose settings were forgotten, and it fails in its tasks, or reads on
 * in topics that it does not name. Other settings may change from run to run.
 */
final class RestoredSettings {

  private static final Logger LOG = LoggerFactory.getLogger(RestoredSettings.class);

  private static final String METADATA = "_metadata";

  /** As Flink's SourceOperator names it. */
  private static final String SPLITS = "SourceReaderState";

  private final CheckpointMetadata metadata;

  private RestoredSettings(CheckpointMetadata metadata) {
    this.metadata = metadata;
  }

  /**
   * Looks before the job is submitted. A snapshot that can't be read from here is left to Flink.
   *
   * @throws SettingsException if they are not those of the snapshot
   */
  static void check(ReadableConfig flink, JobSettings now) {
    String snapshot = flink.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).orElse("");
    if (snapshot.isEmpty()) {
      return;
    }
    List<String> differences;
    try {
      differences = differences(snapshot, now);
    } catch (IOException | RuntimeException e) { // file systems throw what they like
      LOG.info(
          "The settings are not compared with those of snapshot ({}): {}", snapshot, e.toString());
      return;
    }
    if (!differences.isEmpty()) {
      throw new SettingsException(
          "snapshot (%s) was made under other settings, and the job would fail in its tasks or read on elsewhere: %s. Start with the settings of its job, in --settings FILE or one by one ('sluice resume RECEIPT' knows them), or without a snapshot to learn anew"
              .formatted(snapshot, String.join("; ", differences)));
    }
  }

  /**
   * Which settings differ; a sentence each.
   *
   * @param snapshot as {@code flink run -s} takes it
   * @throws IOException if the snapshot can't be read from here
   */
  static List<String> differences(String snapshot, JobSettings now) throws IOException {
    return new RestoredSettings(load(new Path(snapshot))).differences(now);
  }

  private static CheckpointMetadata load(Path snapshot) throws IOException {
    FileSystem files = snapshot.getFileSystem();
    Path file = files.getFileStatus(snapshot).isDir() ? new Path(snapshot, METADATA) : snapshot;
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(files.open(file)))) {
      return Checkpoints.loadCheckpointMetadata(
          in, RestoredSettings.class.getClassLoader(), file.getParent().toString());
    }
  }

  private List<String> differences(JobSettings now) throws IOException {
    List<String> differences = new ArrayList<>();
    for (byte[] stored : lists(Uids.LEARN_AND_PREDICT, Uids.DESCRIPTION_STATE)) {
      differences.addAll(ModelDescription.decode(stored).differences(now.model()));
    }
    topics(now.eventTopics(), differences);
    return differences;
  }

  /**
   * A topic may be added or taken away; events that share none with before are those of another
   * job. Another control topic may be meant: {@link LearnAndPredictOperator} warns of it.
   */
  private void topics(List<String> now, List<String> differences) throws IOException {
    Set<String> before = new TreeSet<>();
    KafkaPartitionSplitSerializer format = new KafkaPartitionSplitSerializer();
    for (byte[] split : lists(Uids.EVENTS, SPLITS)) {
      before.add(SimpleVersionedSerialization.readVersionAndDeSerialize(format, split).getTopic());
    }
    Set<String> shared = new TreeSet<>(before);
    shared.retainAll(now);
    if (!before.isEmpty() && shared.isEmpty()) {
      differences.add(
          "%s is (%s), but the snapshot's job read (%s)"
              .formatted(
                  SluiceOptions.EVENTS.key(), String.join(",", now), String.join(",", before)));
    }
  }

  /** What all subtasks of an operator stored under a name. */
  private List<byte[]> lists(String uid, String name) throws IOException {
    OperatorID id = new OperatorID(Hashing.murmur3_128(0).hashString(uid, UTF_8).asBytes());
    List<byte[]> all = new ArrayList<>();
    for (OperatorState operator : metadata.getOperatorStates()) {
      if (operator.getOperatorID().equals(id)) {
        for (OperatorSubtaskState subtask : operator.getStates()) {
          for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
            read(handle, name, all);
          }
        }
      }
    }
    return all;
  }

  private static void read(OperatorStateHandle handle, String name, List<byte[]> into)
      throws IOException {
    StateMetaInfo wanted = handle.getStateNameToPartitionOffsets().get(name);
    if (wanted == null || wanted.getOffsets().length == 0) {
      return;
    }
    OperatorStateHandle only =
        new OperatorStreamStateHandle(
            new HashMap<>(Map.of(name, wanted)), handle.getDelegateStateHandle());
    try (CloseableRegistry open = new CloseableRegistry()) {
      OperatorStateBackend backend =
          new DefaultOperatorStateBackendBuilder(
                  RestoredSettings.class.getClassLoader(),
                  new ExecutionConfig(),
                  false,
                  List.of(only),
                  open)
              .build();
      try {
        ListStateDescriptor<byte[]> state =
            new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
        boolean union = wanted.getDistributionMode() == OperatorStateHandle.Mode.UNION;
        (union ? backend.getUnionListState(state) : backend.getListState(state))
            .get()
            .forEach(into::add);
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException("operator state (%s) can't be read: %s".formatted(name, e), e);
      } finally {
        backend.dispose();
      }
    }
  }
}

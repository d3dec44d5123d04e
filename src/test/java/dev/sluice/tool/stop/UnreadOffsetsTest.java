package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.FlakyFiles;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.services.ToolServices;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A savepoint whose sources' offsets lie in files of their own, at a store that fails. */
class UnreadOffsetsTest {

  @TempDir Path folder;

  private Path savepoint = Path.of("");
  private final List<Path> offsets = new ArrayList<>();

  /** The golden savepoint has the state of its sources in its metadata, as it is small. */
  @BeforeEach
  void moveTheOffsetsOutOfTheMetadata() throws Exception {
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toAbsolutePath();
    Path file = savepoint.resolve("_metadata");
    CheckpointMetadata metadata;
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      metadata =
          Checkpoints.loadCheckpointMetadata(
              in, getClass().getClassLoader(), savepoint.toUri().toString());
    }
    for (OperatorState operator : metadata.getOperatorStates()) {
      for (Map.Entry<Integer, OperatorSubtaskState> subtask :
          Map.copyOf(operator.getSubtaskStates()).entrySet()) {
        List<OperatorStateHandle> moved = new ArrayList<>();
        for (OperatorStateHandle one : subtask.getValue().getManagedOperatorState()) {
          moved.add(moved(one));
        }
        operator.putState(
            subtask.getKey(),
            subtask.getValue().toBuilder()
                .setManagedOperatorState(new StateObjectCollection<>(moved))
                .build());
      }
    }
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      Checkpoints.storeCheckpointMetadata(metadata, out);
    }
    assertThat(offsets).isNotEmpty();
  }

  private OperatorStateHandle moved(OperatorStateHandle one) throws IOException {
    if (!one.getStateNameToPartitionOffsets().containsKey("SourceReaderState")
        || !(one.getDelegateStateHandle() instanceof ByteStreamStateHandle inline)) {
      return one;
    }
    Path file = savepoint.resolve("source-" + offsets.size());
    Files.write(file, inline.getData());
    offsets.add(file);
    return new OperatorStreamStateHandle(
        one.getStateNameToPartitionOffsets(),
        new FileStateHandle(
            new org.apache.flink.core.fs.Path(FlakyFiles.uri(file)), inline.getData().length));
  }

  @AfterEach
  void heal() {
    offsets.forEach(file -> FlakyFiles.failsToOpen(file, 0));
  }

  /** What this machine could not read speaks of no snapshot. */
  @Test
  @Timeout(60)
  void offsetsThatThisMachineCanNotReadDecideNothing() throws Exception {
    offsets.forEach(file -> FlakyFiles.failsToOpen(file, Integer.MAX_VALUE));
    Verification.Result found = verified();
    assertThat(found.problems()).as("of the offsets, and of each file").hasSize(offsets.size() + 1);
    assertThat(found.isUndecided()).as("%s", found.problems()).isTrue();
  }

  /** Negative control. */
  @Test
  void offsetsThatAreDamagedDo() throws Exception {
    for (Path file : offsets) {
      Files.write(file, new byte[3]);
    }
    Verification.Result found = verified();
    assertThat(found.isGood()).isFalse();
    assertThat(found.isUndecided()).as("%s", found.problems()).isFalse();
  }

  private Verification.Result verified() throws IOException, InterruptedException {
    return Verification.of(
        ToolServices.real(),
        FlakyFiles.uri(savepoint),
        null,
        ReceiptKeys.NONE,
        Map.of(),
        new KnownPlaces(Map.of(), Map.of(), folder.resolve("stops")),
        ReadProgress.NONE,
        Duration.ofMillis(600));
  }
}

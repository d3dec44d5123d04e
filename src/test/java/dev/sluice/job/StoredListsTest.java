package dev.sluice.job;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what Flink's own backend writes. */
class StoredListsTest {

  private static final String NAME = "b-wanted";

  @ParameterizedTest(name = "compressed: {0}")
  @ValueSource(booleans = {false, true})
  void everyElementIsRead(boolean compressed) throws Exception {
    byte[] large = new byte[200_000];
    large[150_000] = 7;
    List<byte[]> found = new ArrayList<>();

    StoredLists.read(written(compressed, new byte[] {1, 2}, new byte[0], large), NAME, found);

    assertThat(found).containsExactly(new byte[] {1, 2}, new byte[0], large);
  }

  @Test
  void aLengthThatCanNotBeIsRefused() throws Exception {
    OperatorStateHandle handle = written(false, new byte[] {1, 2});
    byte[] bytes = ((ByteStreamStateHandle) handle.getDelegateStateHandle()).getData().clone();
    int at =
        (int) requireNonNull(handle.getStateNameToPartitionOffsets().get(NAME)).getOffsets()[0];
    for (int length : new int[] {-1, Integer.MAX_VALUE}) {
      ByteBuffer.wrap(bytes).putInt(at, length);
      OperatorStateHandle patched =
          new OperatorStreamStateHandle(
              new HashMap<>(handle.getStateNameToPartitionOffsets()),
              new ByteStreamStateHandle("patched", bytes));

      assertThatThrownBy(() -> StoredLists.read(patched, NAME, new ArrayList<>()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("a state's length is");
    }
  }

  @Test
  void aDeviceIsNotOpened() throws Exception {
    OperatorStateHandle handle =
        new OperatorStreamStateHandle(
            Map.copyOf(written(false, new byte[1]).getStateNameToPartitionOffsets()),
            new FileStateHandle(new org.apache.flink.core.fs.Path("file:/dev/zero"), 100));

    assertThatThrownBy(() -> StoredLists.read(handle, NAME, new ArrayList<>()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a pipe or a device");
  }

  private static OperatorStateHandle written(boolean compressed, byte[]... elements)
      throws Exception {
    ExecutionConfig config = new ExecutionConfig();
    config.setUseSnapshotCompression(compressed);
    try (CloseableRegistry open = new CloseableRegistry()) {
      OperatorStateBackend backend =
          new DefaultOperatorStateBackendBuilder(
                  StoredListsTest.class.getClassLoader(), config, false, List.of(), open)
              .build();
      backend
          .getListState(new ListStateDescriptor<>("a-other", Types.STRING))
          .update(List.of("one", "two"));
      backend
          .getListState(
              new ListStateDescriptor<>(
                  NAME, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO))
          .update(List.of(elements));
      var written =
          backend.snapshot(
              1,
              0,
              new MemCheckpointStreamFactory(1 << 20),
              CheckpointOptions.forCheckpointWithDefaultLocation());
      written.run();
      SnapshotResult<OperatorStateHandle> result = written.get();
      backend.dispose();
      return result.getJobManagerOwnedSnapshot();
    }
  }
}

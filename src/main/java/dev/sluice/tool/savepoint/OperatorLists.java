package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.CompressibleFSDataInputStream;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.jspecify.annotations.Nullable;

/** Reads one operator's list states: what all its subtasks stored under a name. */
public final class OperatorLists {

  /** The version of {@link OperatorBackendSerializationProxy} that brought compression. */
  private static final int COMPRESSION_FLAG_SINCE = 6;

  private final @Nullable OperatorState operator;

  /**
   * @param operator null if the snapshot holds none of it
   */
  public OperatorLists(@Nullable OperatorState operator) {
    this.operator = operator;
  }

  /** All elements, subtask after subtask. */
  public <T> List<T> read(String name, TypeInformation<T> type) throws IOException {
    return read(name, type.createSerializer(new SerializerConfigImpl()));
  }

  /** As {@link #read(String, TypeInformation)}. */
  public <T> List<T> read(String name, TypeSerializer<T> serializer) throws IOException {
    List<T> all = new ArrayList<>();
    if (operator == null) {
      return all;
    }
    for (OperatorSubtaskState subtask : operator.getStates()) {
      for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
        StateMetaInfo elements = handle.getStateNameToPartitionOffsets().get(name);
        if (elements != null && elements.getOffsets().length > 0) {
          readElements(handle, elements.getOffsets(), serializer, all);
        }
      }
    }
    return all;
  }

  private static <T> void readElements(
      OperatorStateHandle handle, long[] offsets, TypeSerializer<T> serializer, List<T> all)
      throws IOException {
    try (FSDataInputStream file = new BufferedHandle(handle).openInputStream()) {
      FSDataInputStream in = isCompressed(file) ? decompressed(file) : file;
      for (long offset : offsets) {
        in.seek(offset);
        all.add(serializer.deserialize(new DataInputViewStreamWrapper(in)));
      }
    }
  }

  /** The first bytes of the file; its reader, Flink's proxy, does not expose the flag. */
  private static boolean isCompressed(FSDataInputStream file) throws IOException {
    DataInputViewStreamWrapper header = new DataInputViewStreamWrapper(file);
    int version = header.readInt();
    if (version < 1 || version > OperatorBackendSerializationProxy.VERSION) {
      throw new IOException(
          "operator state is stored in the version (%s), known are 1 to %s"
              .formatted(version, OperatorBackendSerializationProxy.VERSION));
    }
    return version >= COMPRESSION_FLAG_SINCE && header.readBoolean();
  }

  /** The compressed stream begins behind the header. */
  private static FSDataInputStream decompressed(FSDataInputStream file) throws IOException {
    file.seek(0);
    new OperatorBackendSerializationProxy(OperatorLists.class.getClassLoader())
        .read(new DataInputViewStreamWrapper(file));
    return new CompressibleFSDataInputStream(file, SnappyStreamCompressionDecorator.INSTANCE);
  }
}

package dev.sluice.tool.savepoint.transplant;

import dev.sluice.tool.savepoint.BadSnapshotException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;

/**
 * Copies the files of snapshots into the directory of a new one, each once, so that it is
 * self-contained: what it came from may be deleted.
 */
final class CopiedFiles {

  private final Path directory;
  private final Map<Path, StreamStateHandle> copies = new HashMap<>();
  private final Set<String> names = new HashSet<>();

  CopiedFiles(Path directory) {
    this.directory = directory;
  }

  StateObjectCollection<OperatorStateHandle> lists(Iterable<OperatorStateHandle> handles)
      throws IOException {
    StateObjectCollection<OperatorStateHandle> copied = new StateObjectCollection<>();
    for (OperatorStateHandle handle : handles) {
      copied.add(
          new OperatorStreamStateHandle(
              handle.getStateNameToPartitionOffsets(), stream(handle.getDelegateStateHandle())));
    }
    return copied;
  }

  StateObjectCollection<KeyedStateHandle> keyed(Iterable<KeyedStateHandle> handles)
      throws IOException {
    StateObjectCollection<KeyedStateHandle> copied = new StateObjectCollection<>();
    for (KeyedStateHandle handle : handles) {
      if (!(handle instanceof KeyGroupsStateHandle keyGroups)) {
        throw new BadSnapshotException(
            "keyed state of the kind (%s) can't be copied; take a savepoint in the canonical format"
                .formatted(handle.getClass().getSimpleName()));
      }
      copied.add(
          new KeyGroupsStateHandle(
              keyGroups.getGroupRangeOffsets(), stream(keyGroups.getDelegateStateHandle())));
    }
    return copied;
  }

  /** Small state is in the metadata itself and needs no copy. */
  private StreamStateHandle stream(StreamStateHandle handle) throws IOException {
    Path path = handle.maybeGetPath().orElse(null);
    if (path == null) {
      return handle;
    }
    StreamStateHandle copied = copies.get(path);
    if (copied == null) {
      copied = copy(path);
      copies.put(path, copied);
    }
    return copied;
  }

  private StreamStateHandle copy(Path from) throws IOException {
    String name = from.getName();
    while (!names.add(name)) {
      name += "-2";
    }
    Path to = new Path(directory, name);
    long bytes;
    try (InputStream in = from.getFileSystem().open(from);
        OutputStream out = to.getFileSystem().create(to, WriteMode.NO_OVERWRITE)) {
      bytes = in.transferTo(out);
    }
    return new RelativeFileStateHandle(to, name, bytes);
  }
}

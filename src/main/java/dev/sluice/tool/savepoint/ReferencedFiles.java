package dev.sluice.tool.savepoint;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.AbstractChannelStateHandle;
import org.apache.flink.runtime.state.AbstractMergedChannelStateHandle;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.jspecify.annotations.Nullable;

/** Collects every file that a snapshot's metadata refers to. */
final class ReferencedFiles {

  private final SortedMap<String, StoredFile> files = new TreeMap<>();

  private ReferencedFiles() {}

  /** Each file once, in the order of their names. */
  static List<StoredFile> of(CheckpointMetadata metadata) {
    ReferencedFiles found = new ReferencedFiles();
    for (OperatorState operator : metadata.getOperatorStates()) {
      found.add(operator.getCoordinatorState());
      operator.getStates().forEach(found::addSubtask);
    }
    return new ArrayList<>(found.files.values());
  }

  private void addSubtask(OperatorSubtaskState subtask) {
    subtask.getManagedOperatorState().forEach(this::add);
    subtask.getRawOperatorState().forEach(this::add);
    subtask.getManagedKeyedState().forEach(this::add);
    subtask.getRawKeyedState().forEach(this::add);
    subtask.getInputChannelState().forEach(this::add);
    subtask.getResultSubpartitionState().forEach(this::add);
  }

  private void add(@Nullable StateObject state) {
    if (state instanceof OperatorStateHandle lists) {
      add(lists.getDelegateStateHandle());
    } else if (state instanceof KeyGroupsStateHandle keyGroups) {
      add(keyGroups.getDelegateStateHandle());
    } else if (state instanceof IncrementalKeyedStateHandle incremental) {
      addIncremental(incremental);
    } else if (state instanceof ChangelogStateBackendHandle changelog) {
      changelog.getMaterializedStateHandles().forEach(this::add);
      changelog.getNonMaterializedStateHandles().forEach(this::add);
    } else if (state instanceof ChangelogStateHandleStreamImpl changes) {
      changes.getHandlesAndOffsets().forEach(part -> add(part.f0));
    } else if (state instanceof AbstractChannelStateHandle<?> channel) {
      add(channel.getDelegate());
    } else if (state instanceof AbstractMergedChannelStateHandle<?, ?> channels) {
      add(channels.getDelegate());
    } else if (state instanceof StreamStateHandle stream) {
      addFile(stream);
    }
  }

  private void addIncremental(IncrementalKeyedStateHandle incremental) {
    add(incremental.getMetaDataStateHandle());
    incremental.getSharedStateHandles().forEach(part -> add(part.getHandle()));
    if (incremental instanceof IncrementalRemoteKeyedStateHandle remote) {
      remote.getPrivateState().forEach(part -> add(part.getHandle()));
    }
  }

  private void addFile(StreamStateHandle stream) {
    Path path = stream.maybeGetPath().orElse(null);
    if (path != null) {
      StoredFile file =
          stream instanceof SegmentFileStateHandle segment
              ? new StoredFile(path, segment.getStartPos() + segment.getStateSize(), false)
              : new StoredFile(path, stream.getStateSize(), true);
      files.merge(path.toString(), file, StoredFile::with);
    }
  }
}

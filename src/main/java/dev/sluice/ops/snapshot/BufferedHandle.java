package dev.sluice.ops.snapshot;

import java.io.IOException;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.state.PhysicalStateHandleID;
import org.apache.flink.runtime.state.StreamStateHandle;

/**
 * Stands for a stored file and opens it with a buffer. Never owns it: nothing is ever discarded.
 */
final class BufferedHandle implements StreamStateHandle {

  private static final long serialVersionUID = 1L;

  private final StreamStateHandle file;

  BufferedHandle(StreamStateHandle file) {
    this.file = file;
  }

  @Override
  public FSDataInputStream openInputStream() throws IOException {
    return new BufferedStateStream(file.openInputStream());
  }

  @Override
  public Optional<byte[]> asBytesIfInMemory() {
    return file.asBytesIfInMemory();
  }

  @Override
  public PhysicalStateHandleID getStreamStateHandleID() {
    return file.getStreamStateHandleID();
  }

  @Override
  public void discardState() {
    throw new UnsupportedOperationException("a snapshot is only read here");
  }

  @Override
  public long getStateSize() {
    return file.getStateSize();
  }
}

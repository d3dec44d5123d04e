package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.state.PhysicalStateHandleID;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.jspecify.annotations.Nullable;

/**
 * A handle of a stored file that opens it with a buffer. Never owns it: nothing is ever discarded.
 */
final class BufferedHandle implements StreamStateHandle {

  private static final long serialVersionUID = 1L;

  private final StreamStateHandle file;
  private final transient @Nullable FSDataInputStream opened;

  BufferedHandle(StreamStateHandle file) {
    this(file, null);
  }

  /**
   * @param opened the file, if it is open already: then it is read from its begin each time
   */
  BufferedHandle(StreamStateHandle file, @Nullable FSDataInputStream opened) {
    this.file = file;
    this.opened = opened;
  }

  @Override
  public FSDataInputStream openInputStream() throws IOException {
    FSDataInputStream stream = opened;
    if (stream == null) {
      return new BufferedStateStream(PlainFiles.open(file));
    }
    stream.seek(0);
    return new BufferedStateStream(stream);
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

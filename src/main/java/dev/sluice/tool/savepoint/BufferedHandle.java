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
      return new BufferedStateStream(StoredStream.open(file));
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

  /**
   * Reads ahead in a file of a snapshot. Flink reads state in small pieces, and a local file
   * without a buffer costs a system call for each.
   */
  private static final class BufferedStateStream extends FSDataInputStream {

    private static final int BUFFER_BYTES = 1 << 17;

    private final FSDataInputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private int position;
    private int limit;

    BufferedStateStream(FSDataInputStream in) {
      this.in = in;
    }

    @Override
    public void seek(long desired) throws IOException {
      long begin = in.getPos() - limit;
      if (desired >= begin && desired <= begin + limit) {
        position = (int) (desired - begin);
      } else {
        in.seek(desired);
        position = 0;
        limit = 0;
      }
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos() - limit + position;
    }

    @Override
    public int read() throws IOException {
      return position < limit || fill() ? buffer[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (position == limit && !fill()) {
        return -1;
      }
      int read = Math.min(length, limit - position);
      System.arraycopy(buffer, position, bytes, offset, read);
      position += read;
      return read;
    }

    @Override
    public int available() {
      return limit - position;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }

    private boolean fill() throws IOException {
      position = 0;
      limit = Math.max(0, in.read(buffer, 0, buffer.length));
      return limit > 0;
    }
  }
}

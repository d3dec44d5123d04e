package dev.sluice.tool.savepoint;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataInputStream;

/**
 * Reads ahead in a file of a snapshot. Flink reads state in small pieces, and a local file without
 * a buffer costs a system call for each.
 */
final class BufferedStateStream extends FSDataInputStream {

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

package dev.sluice.tool.savepoint;

import java.io.EOFException;
import java.io.IOException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataInputStreamWrapper;
import org.apache.flink.core.fs.Path;

/** A file of a snapshot that distinguishes a failure of its file system from wrong bytes. */
final class StoredStream extends FSDataInputStreamWrapper {

  private final Path file;

  StoredStream(Path file, FSDataInputStream stream) {
    super(stream);
    this.file = file;
  }

  /** Some streams read on to a place that is near, and some refuse one that is not there. */
  @Override
  public void seek(long desired) throws IOException {
    try {
      StoreCalls.of(
          file.toString(),
          () -> {
            super.seek(desired);
            return desired;
          });
    } catch (EOFException tooShort) {
      throw tooShort;
    } catch (IOException e) {
      requireWithin(desired);
      throw new UnreadFileException(file, e);
    }
  }

  /** A place that damaged metadata names is no failure of the file system. */
  private void requireWithin(long desired) throws IOException {
    long length;
    try {
      length =
          StoreCalls.of(file.toString(), () -> file.getFileSystem().getFileStatus(file).getLen());
    } catch (IOException e) {
      throw new UnreadFileException(file, e);
    }
    if (desired > length) {
      throw new EOFException("offset %s of a file of %s bytes".formatted(desired, length));
    }
  }

  @Override
  public long skip(long bytes) throws IOException {
    return reading(() -> super.skip(bytes));
  }

  @Override
  public int read() throws IOException {
    return (int) reading(() -> (long) super.read());
  }

  @Override
  public int read(byte[] bytes) throws IOException {
    return (int) reading(() -> (long) super.read(bytes));
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return (int) reading(() -> (long) super.read(bytes, offset, length));
  }

  private long reading(StoreCalls.Call<Long> reading) throws IOException {
    try {
      return StoreCalls.of(file.toString(), reading);
    } catch (EOFException tooShort) {
      throw tooShort;
    } catch (IOException e) {
      throw new UnreadFileException(file, e);
    }
  }
}

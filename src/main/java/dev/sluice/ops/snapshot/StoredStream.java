package dev.sluice.ops.snapshot;

import java.io.EOFException;
import java.io.IOException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataInputStreamWrapper;
import org.apache.flink.core.fs.Path;

/** A file of a snapshot that tells a failure of its file system from bytes that are wrong. */
final class StoredStream extends FSDataInputStreamWrapper {

  private final Path file;

  StoredStream(Path file, FSDataInputStream stream) {
    super(stream);
    this.file = file;
  }

  /** Some streams read on to a place that is near. */
  @Override
  public void seek(long desired) throws IOException {
    long unused =
        reading(
            () -> {
              super.seek(desired);
              return desired;
            });
  }

  @Override
  public long skip(long bytes) throws IOException {
    return reading(() -> super.skip(bytes));
  }

  @Override
  public int read() throws IOException {
    return (int) reading(super::read);
  }

  @Override
  public int read(byte[] bytes) throws IOException {
    return (int) reading(() -> super.read(bytes));
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return (int) reading(() -> super.read(bytes, offset, length));
  }

  private long reading(Reading reading) throws IOException {
    try {
      return reading.read();
    } catch (EOFException tooShort) {
      throw tooShort;
    } catch (IOException e) {
      throw new UnreadFileException(file, e);
    }
  }

  private interface Reading {
    long read() throws IOException;
  }
}

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

  @Override
  public int read() throws IOException {
    return reading(super::read);
  }

  @Override
  public int read(byte[] bytes) throws IOException {
    return reading(() -> super.read(bytes));
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return reading(() -> super.read(bytes, offset, length));
  }

  private int reading(Reading reading) throws IOException {
    try {
      return reading.read();
    } catch (EOFException tooShort) {
      throw tooShort;
    } catch (IOException e) {
      throw new UnreadFileException(file, e);
    }
  }

  private interface Reading {
    int read() throws IOException;
  }
}

package dev.sluice.tool.savepoint;

import dev.sluice.state.PlainPath;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataInputStreamWrapper;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.apache.flink.runtime.state.StreamStateHandle;

/**
 * A file of a snapshot that distinguishes a failure of its file system from wrong bytes. Files of a
 * snapshot are opened, and nothing else: its metadata may name any path of this machine, and a pipe
 * or a device is read without an end.
 */
final class StoredStream extends FSDataInputStreamWrapper {

  private final Path file;

  private StoredStream(Path file, FSDataInputStream stream) {
    super(stream);
    this.file = file;
  }

  /**
   * Opens one.
   *
   * @throws UnreadFileException from here or from the stream, if the file system fails
   */
  static FSDataInputStream open(Path path) throws IOException {
    require(path);
    return open(path, () -> path.getFileSystem().open(path));
  }

  /** Opens one that a snapshot refers to, in the same way, or what the handle itself holds. */
  static FSDataInputStream open(StreamStateHandle handle) throws IOException {
    Optional<Path> path = handle.maybeGetPath();
    return path.isEmpty() ? handle.openInputStream() : open(path.get(), handle::openInputStream);
  }

  private static FSDataInputStream open(Path path, Stores.Question<FSDataInputStream> opening)
      throws IOException {
    try {
      return new StoredStream(path, Stores.call(path.toString(), opening));
    } catch (FileNotFoundException | UnsupportedFileSystemSchemeException missing) {
      throw missing;
    } catch (IOException e) {
      throw isOfThisMachine(path) ? e : new UnreadFileException(path, e);
    }
  }

  private static boolean isOfThisMachine(Path path) {
    String scheme = path.toUri().getScheme();
    return scheme == null || scheme.equals("file");
  }

  /**
   * Determines what a path of this machine is; those of object stores are always files.
   *
   * @throws IOException if it is there and no file
   */
  static void require(Path path) throws IOException {
    try {
      if (!Stores.call(path.toString(), () -> PlainPath.mayBeOpened(path))) {
        throw new BadSnapshotException(
            "%s is a directory, a pipe or a device, no file of a snapshot".formatted(path));
      }
    } catch (InvalidPathException e) {
      throw new BadSnapshotException("%s is no path of a file".formatted(path), e);
    }
  }

  /** Some streams read on to a place that is near, and some refuse one that is not there. */
  @Override
  public void seek(long desired) throws IOException {
    try {
      Stores.call(
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
          Stores.call(file.toString(), () -> file.getFileSystem().getFileStatus(file).getLen());
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

  private long reading(Stores.Question<Long> reading) throws IOException {
    try {
      return Stores.call(file.toString(), reading);
    } catch (EOFException tooShort) {
      throw tooShort;
    } catch (IOException e) {
      throw new UnreadFileException(file, e);
    }
  }
}

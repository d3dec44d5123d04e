package dev.sluice.tool.savepoint;

import dev.sluice.state.PlainPath;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.apache.flink.runtime.state.StreamStateHandle;

/**
 * Opens files of a snapshot, and nothing else: its metadata may name any path of this machine, and
 * a pipe or a device is read without an end.
 */
final class PlainFiles {

  private PlainFiles() {}

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

  private static FSDataInputStream open(Path path, Opening opening) throws IOException {
    try {
      return new StoredStream(path, StoreCalls.of(path.toString(), opening::open));
    } catch (FileNotFoundException | UnsupportedFileSystemSchemeException missing) {
      throw missing;
    } catch (IOException e) {
      throw isOfThisMachine(path) ? e : new UnreadFileException(path, e);
    }
  }

  private interface Opening {
    FSDataInputStream open() throws IOException;
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
      if (!StoreCalls.of(path.toString(), () -> PlainPath.mayBeOpened(path))) {
        throw new BadSnapshotException(
            "%s is a directory, a pipe or a device, no file of a snapshot".formatted(path));
      }
    } catch (InvalidPathException e) {
      throw new BadSnapshotException("%s is no path of a file".formatted(path), e);
    }
  }
}

package dev.sluice.ops.snapshot;

import dev.sluice.job.PlainPath;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/**
 * Opens files of a snapshot, and nothing else: its metadata may name any path of this machine, and
 * a pipe or a device is read without an end.
 */
final class PlainFiles {

  private PlainFiles() {}

  static FSDataInputStream open(Path path) throws IOException {
    require(path);
    return path.getFileSystem().open(path);
  }

  /**
   * Looks what a path of this machine is; those of object stores are always files.
   *
   * @throws IOException if it is there and no file
   */
  static void require(Path path) throws IOException {
    try {
      if (!PlainPath.mayBeOpened(path)) {
        throw new BadSnapshotException(
            "%s is a directory, a pipe or a device, no file of a snapshot".formatted(path));
      }
    } catch (InvalidPathException e) {
      throw new BadSnapshotException("%s is no path of a file".formatted(path), e);
    }
  }
}

package dev.sluice.ops.snapshot;

import java.io.IOException;
import java.nio.file.Files;
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
    String scheme = path.toUri().getScheme();
    if (scheme != null && !scheme.equals("file")) {
      return;
    }
    try {
      java.nio.file.Path local = java.nio.file.Path.of(path.getPath());
      if (Files.exists(local) && !Files.isRegularFile(local)) {
        throw new BadSnapshotException(
            "%s is a directory, a pipe or a device, no file of a snapshot".formatted(path));
      }
    } catch (InvalidPathException e) {
      throw new BadSnapshotException("%s is no path of a file".formatted(path), e);
    }
  }
}

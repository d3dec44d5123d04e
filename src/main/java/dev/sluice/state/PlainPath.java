package dev.sluice.state;

import java.nio.file.Files;
import org.apache.flink.core.fs.Path;

/** What a path of a snapshot is on this machine: its metadata may name any. */
public final class PlainPath {

  private PlainPath() {}

  /**
   * Whether it may be opened: a pipe or a device would be read without an end. Those of object
   * stores are always files.
   *
   * @return false if it exists and is no file
   * @throws java.nio.file.InvalidPathException if it is no path of this machine
   */
  public static boolean mayBeOpened(Path path) {
    String scheme = path.toUri().getScheme();
    if (scheme != null && !scheme.equals("file")) {
      return true;
    }
    java.nio.file.Path local = java.nio.file.Path.of(path.getPath());
    return !Files.exists(local) || Files.isRegularFile(local);
  }
}

package dev.sluice.tool.savepoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;

/**
 * Where a snapshot is.
 *
 * @param directory its directory
 * @param metadata its {@code _metadata}, which is written last: without it there is no snapshot
 * @param metadataBytes how long that is
 */
record SnapshotLocation(Path directory, Path metadata, long metadataBytes) {

  static final String METADATA = AbstractFsCheckpointStorageAccess.METADATA_FILE_NAME;

  /**
   * Finds a snapshot.
   *
   * @param uri of its directory or its metadata; without a scheme a path of this machine
   * @throws BadSnapshotException if there is none
   */
  static SnapshotLocation find(String uri) throws IOException {
    FlinkFileSystems.ready();
    Path path = absolute(uri);
    return Stores.call(path.toString(), () -> find(path));
  }

  /** Asked again, Flink would refuse it again. */
  private static void requireThisMachine(Path path) throws BadSnapshotException {
    URI uri = path.toUri();
    String host = uri.getAuthority();
    if ("file".equals(uri.getScheme()) && host != null) {
      throw new BadSnapshotException(
          ("the snapshot %s can't be read: a 'file:' URI names a file of this machine, and this one names a host"
                  + " (%s). A path of this machine has three slashes (file://%s, or file:///%s%s if one was"
                  + " forgotten); what lies on another machine needs a store that both reach")
              .formatted(path, host, uri.getPath(), host, uri.getPath()));
    }
  }

  private static SnapshotLocation find(Path path) throws IOException {
    requireThisMachine(path);
    try {
      FileSystem files = path.getFileSystem();
      FileStatus found = files.getFileStatus(path);
      if (!found.isDir()) {
        return new SnapshotLocation(path.getParent(), path, found.getLen());
      }
      Path metadata = new Path(path, METADATA);
      return new SnapshotLocation(path, metadata, metadataBytes(files, path, metadata));
    } catch (FileNotFoundException e) {
      throw new BadSnapshotException(
          "there is no snapshot at %s: nothing is there; name the directory, or the receipt, that the stop printed"
              .formatted(path),
          e);
    } catch (UnsupportedFileSystemSchemeException e) {
      throw new BadSnapshotException(
          ("the snapshot %s can't be read, because nothing here knows '%s:'; set FLINK_CONF_DIR (%s) and "
                  + "FLINK_PLUGINS_DIR (%s) to the configuration and the plugins of the cluster that wrote it")
              .formatted(
                  path,
                  path.toUri().getScheme(),
                  FlinkFileSystems.set("FLINK_CONF_DIR"),
                  FlinkFileSystems.set("FLINK_PLUGINS_DIR")),
          e);
    } catch (BadSnapshotException e) {
      throw e;
    } catch (IOException e) {
      throw new UnreadFileException(path, e);
    }
  }

  private static long metadataBytes(FileSystem files, Path directory, Path metadata)
      throws IOException {
    try {
      return files.getFileStatus(metadata).getLen();
    } catch (FileNotFoundException e) {
      throw new BadSnapshotException(
          ("the directory %s holds no _metadata: it is no snapshot, or one that was never completed; name a "
                  + "savepoint's or a checkpoint's own directory")
              .formatted(directory),
          e);
    }
  }

  /** Of this machine, if it has no scheme. */
  static Path absolute(String uri) {
    if (uri.isBlank()) {
      throw new IllegalArgumentException("a snapshot's URI must not be empty");
    }
    Path path = new Path(uri);
    if (path.toUri().getScheme() != null) {
      return path;
    }
    return new Path(
        "file", null, java.nio.file.Path.of(uri).toAbsolutePath().normalize().toString());
  }
}

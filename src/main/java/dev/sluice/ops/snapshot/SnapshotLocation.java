package dev.sluice.ops.snapshot;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private static final String METADATA = AbstractFsCheckpointStorageAccess.METADATA_FILE_NAME;

  /**
   * Finds a snapshot.
   *
   * @param uri of its directory or its metadata; without a scheme a path of this machine
   * @throws BadSnapshotException if there is none
   */
  static SnapshotLocation find(String uri) throws IOException {
    FlinkFileSystems.ready();
    Path path = absolute(uri);
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
          "the snapshot %s can't be read, because nothing here knows '%s:'; set FLINK_CONF_DIR and FLINK_PLUGINS_DIR to the configuration and the plugins of the cluster that wrote it"
              .formatted(path, path.toUri().getScheme()),
          e);
    } catch (BadSnapshotException e) {
      throw e;
    } catch (IOException e) {
      throw new UnreadFileException(path, e);
    }
  }

  /** The directories with metadata in a directory. */
  static List<String> in(String uri) throws IOException {
    FlinkFileSystems.ready();
    Path directory = absolute(uri);
    FileSystem files = directory.getFileSystem();
    List<String> found = new ArrayList<>();
    if (files.exists(directory)) {
      for (FileStatus one : files.listStatus(directory)) {
        if (one.isDir() && files.exists(new Path(one.getPath(), METADATA))) {
          found.add(one.getPath().toString());
        }
      }
    }
    return found;
  }

  /** The directories that jobs have in one where they keep checkpoints, each by the job's id. */
  static List<String> runsIn(String uri) throws IOException {
    FlinkFileSystems.ready();
    Path directory = absolute(uri);
    FileSystem files = directory.getFileSystem();
    List<String> found = new ArrayList<>();
    if (files.exists(directory)) {
      for (FileStatus one : files.listStatus(directory)) {
        if (one.isDir() && one.getPath().getName().matches("[0-9a-f]{32}")) {
          found.add(one.getPath().toString());
        }
      }
    }
    return found;
  }

  /** The one of a directory's snapshots whose metadata was written last. */
  static Optional<KeptSnapshot> newestIn(String uri) throws IOException {
    Optional<KeptSnapshot> newest = Optional.empty();
    for (String one : in(uri)) {
      Instant at = writtenAt(new Path(one, METADATA));
      if (newest.isEmpty() || at.isAfter(newest.get().writtenAt())) {
        newest = Optional.of(new KeptSnapshot(one, at));
      }
    }
    return newest;
  }

  private static Instant writtenAt(Path metadata) throws IOException {
    try {
      return Instant.ofEpochMilli(
          metadata.getFileSystem().getFileStatus(metadata).getModificationTime());
    } catch (FileNotFoundException deleted) {
      return Instant.now(); // a job that runs there has just replaced it by a newer one
    }
  }

  private static long metadataBytes(FileSystem files, Path directory, Path metadata)
      throws IOException {
    try {
      return files.getFileStatus(metadata).getLen();
    } catch (FileNotFoundException e) {
      throw new BadSnapshotException(
          "the directory %s holds no _metadata: it is no snapshot, or one that was never completed; name a savepoint's or a checkpoint's own directory"
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

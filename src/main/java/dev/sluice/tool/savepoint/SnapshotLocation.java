package dev.sluice.tool.savepoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
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
    return StoreCalls.of(path.toString(), () -> find(path));
  }

  private static SnapshotLocation find(Path path) throws IOException {
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
          "the snapshot %s can't be read, because nothing here knows '%s:'; set FLINK_CONF_DIR (%s) and FLINK_PLUGINS_DIR (%s) to the configuration and the plugins of the cluster that wrote it"
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

  /**
   * The snapshots in a directory and in those that jobs have there for their checkpoints, each by
   * the job's id. That there are none is reported only of a directory that can be read.
   *
   * @throws IOException if it, or one of those in it, can't be listed, or is not there
   */
  static List<KeptSnapshot> everyOneIn(String uri) throws IOException {
    FlinkFileSystems.ready();
    Path directory = absolute(uri);
    FileSystem files = directory.getFileSystem();
    List<KeptSnapshot> found = new ArrayList<>();
    for (FileStatus one : listed(files, directory)) {
      if (one.isDir() && one.getPath().getName().matches("[0-9a-f]{32}")) {
        for (FileStatus checkpoint : listed(files, one.getPath())) {
          kept(files, checkpoint).ifPresent(found::add);
        }
      } else {
        kept(files, one).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<KeptSnapshot> kept(FileSystem files, FileStatus one) throws IOException {
    if (!one.isDir()) {
      return Optional.empty();
    }
    requireSearchable(one.getPath());
    try {
      long at = files.getFileStatus(new Path(one.getPath(), METADATA)).getModificationTime();
      return Optional.of(new KeptSnapshot(one.getPath().toString(), Instant.ofEpochMilli(at)));
    } catch (FileNotFoundException incomplete) {
      return Optional.empty();
    }
  }

  private static FileStatus[] listed(FileSystem files, Path directory) throws IOException {
    requireSearchable(directory);
    FileStatus[] all = files.listStatus(directory);
    if (all == null) { // As for a directory of this machine that is missing, or may not be read.
      throw new IOException(
          "%s is not there, or this process has no right to list it".formatted(directory));
    }
    return all;
  }

  /** Files in a directory without search permission seem to be absent. */
  private static void requireSearchable(Path directory) throws IOException {
    if ("file".equals(directory.toUri().getScheme())) {
      java.nio.file.Path local = java.nio.file.Path.of(directory.getPath());
      if (Files.isDirectory(local) && !Files.isExecutable(local)) {
        throw new IOException("this process has no right to read " + directory);
      }
    }
  }

  /** The one of a directory's snapshots whose metadata was written last. */
  static Optional<KeptSnapshot> newestIn(String uri) throws IOException {
    return StoreCalls.of(uri, () -> newest(uri));
  }

  private static Optional<KeptSnapshot> newest(String uri) throws IOException {
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

package dev.sluice.tool.savepoint;

import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.jspecify.annotations.Nullable;

/**
 * A directory of snapshots: what is in it, and, of one that a savepoint will be written to, whether
 * this process will be able to read it.
 */
public final class SavepointDirectory {

  private static final int LONGEST = 300;

  private SavepointDirectory() {}

  /**
   * A complete snapshot in a directory.
   *
   * @param uri of its directory
   * @param writtenAt when its metadata was, by the clock of its file system
   */
  public record KeptSnapshot(String uri, Instant writtenAt) {}

  /**
   * Sees to it that this process can read there. A directory that does not exist yet is no
   * obstacle: Flink makes it.
   *
   * @throws BadSnapshotException why it can't, and what to do, if nothing changes by waiting
   * @throws IOException if its file system does not answer, or refuses
   */
  public static void requireReadable(String uri) throws IOException {
    SavedObjects.requireFilter();
    FlinkFileSystems.ready();
    Path directory = SnapshotLocation.absolute(uri);
    try {
      list(directory.getFileSystem(), directory);
    } catch (UnsupportedFileSystemSchemeException e) {
      throw new BadSnapshotException(
          ("the savepoint would go to %s, which this tool can't read, and so never prove, because nothing here "
                  + "knows '%s:'; set FLINK_CONF_DIR (%s) and FLINK_PLUGINS_DIR (%s) to the cluster's "
                  + "configuration and "
                  + "plugins")
              .formatted(
                  directory,
                  directory.toUri().getScheme(),
                  FlinkFileSystems.set("FLINK_CONF_DIR"),
                  FlinkFileSystems.set("FLINK_PLUGINS_DIR")),
          e);
    } catch (BadSnapshotException e) {
      throw new BadSnapshotException(unreadable(directory, e), e);
    } catch (IOException e) {
      String why = unreadable(directory, e);
      throw StoreRefusal.isBehind(e) ? new BadSnapshotException(why, e) : new IOException(why, e);
    }
  }

  private static String unreadable(Path directory, IOException e) {
    return ("the savepoint would go to %s, which this tool can't read, and so never prove: %s; %s, or name another "
            + "directory with --savepointPath")
        .formatted(
            directory, shortened(BadSnapshotException.reason(e)), StoreRefusal.advice(directory));
  }

  /** What to check where its file system does not answer. */
  public static String whereSilent(String uri) {
    return StoreRefusal.silence(SnapshotLocation.absolute(uri));
  }

  /** A store's client repeats its request's ids. */
  private static String shortened(String why) {
    return why.length() <= LONGEST ? why : why.substring(0, LONGEST) + "…";
  }

  private static void list(FileSystem files, Path directory) throws IOException {
    try {
      if (!files.getFileStatus(directory).isDir()) {
        throw new BadSnapshotException("it is a file");
      }
      if (files.listStatus(directory) == null) {
        throw new BadSnapshotException("it can't be listed");
      }
    } catch (FileNotFoundException itWillBeMade) {
      return;
    }
  }

  /** Whether it is a directory of the machine that checks, and so another one on each machine. */
  public static boolean isOfOneMachine(String uri) {
    return "file".equals(SnapshotLocation.absolute(uri).toUri().getScheme());
  }

  /** The place on this machine that a {@code file:} URI names. */
  public static java.nio.file.Path local(String uri) {
    return java.nio.file.Path.of(SnapshotLocation.absolute(uri).getPath()).normalize();
  }

  /**
   * The number of a snapshot on this machine, as its metadata begin, whatever program wrote it;
   * empty if they can't be read, or are none.
   */
  public static OptionalLong checkpointId(java.nio.file.Path snapshot) {
    try (DataInputStream in =
        new DataInputStream(Files.newInputStream(snapshot.resolve(SnapshotLocation.METADATA)))) {
      boolean metadata = in.readInt() == Checkpoints.HEADER_MAGIC_NUMBER;
      int unused = in.readInt(); // its version; the number follows
      long id = in.readLong();
      return metadata ? OptionalLong.of(id) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Where a snapshot lies, or, of a checkpoint, its job's directory does. */
  private static java.nio.file.@Nullable Path place(String uri) {
    java.nio.file.Path place = local(uri).getParent();
    boolean ofAJob = place != null && String.valueOf(place.getFileName()).matches("[0-9a-f]{32}");
    return ofAJob && place != null ? place.getParent() : place;
  }

  /**
   * Whether there is no place on this machine that a snapshot of one machine was, or is, in: then
   * it may be another machine's.
   */
  public static boolean isNowhereHere(String uri) {
    if (!isOfOneMachine(uri)) {
      return false;
    }
    java.nio.file.Path place = place(uri); // With a job's last checkpoint goes its directory.
    return place == null || !Files.isDirectory(place);
  }

  /**
   * The snapshots right in a directory; empty if there is no such directory.
   *
   * @throws IOException if its file system does not answer
   */
  public static List<String> in(String uri) throws IOException {
    FlinkFileSystems.ready();
    Path directory = SnapshotLocation.absolute(uri);
    FileSystem files = directory.getFileSystem();
    List<String> found = new ArrayList<>();
    if (files.exists(directory)) {
      for (FileStatus one : files.listStatus(directory)) {
        if (one.isDir() && files.exists(new Path(one.getPath(), SnapshotLocation.METADATA))) {
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
   * @throws IOException if that is not known: it, or one of those in it, is not there, may not be
   *     listed, or its file system does not answer
   */
  public static List<KeptSnapshot> everyOneIn(String uri) throws IOException {
    FlinkFileSystems.ready();
    Path directory = SnapshotLocation.absolute(uri);
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
      long at =
          files
              .getFileStatus(new Path(one.getPath(), SnapshotLocation.METADATA))
              .getModificationTime();
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

  /** The one of a directory's snapshots whose metadata was written last; empty if there is none. */
  public static Optional<KeptSnapshot> newestIn(String uri) throws IOException {
    return Stores.call(uri, () -> newest(uri));
  }

  private static Optional<KeptSnapshot> newest(String uri) throws IOException {
    Optional<KeptSnapshot> newest = Optional.empty();
    for (String one : in(uri)) {
      Instant at = writtenAt(new Path(one, SnapshotLocation.METADATA));
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
}

package dev.sluice.tool.savepoint;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/** The files of a snapshot, and those next to them. */
public final class SnapshotFiles {

  private static final Duration AGAIN = Duration.ofMillis(200);

  /** One, and more where the file was moved between the two names meanwhile. */
  private static final int LOOKS = 3;

  private SnapshotFiles() {}

  /**
   * Reads every file from its first byte to its last, several at once.
   *
   * @throws IOException never for what is wrong with a file: that is a problem of the check
   */
  public static FileCheck check(Snapshot snapshot) throws IOException {
    return check(snapshot.files());
  }

  private static FileCheck check(List<StoredFile> files) throws IOException {
    try (ReadPool pool = new ReadPool(0, ReadProgress.NONE)) {
      return new FileHashes(files, pool).check();
    }
  }

  /**
   * Looks whether a snapshot that was read whole a moment ago is as it was: the metadata by its
   * hash, which no other snapshot has, and every other file by its length.
   *
   * @param read what was found when it was read
   * @param most how long its file system may take to answer
   */
  public static FileCheck asRead(Snapshot snapshot, List<Receipt.StoredFile> read, Duration most)
      throws IOException, InterruptedException {
    Map<String, Receipt.StoredFile> before = new HashMap<>();
    read.forEach(file -> before.put(file.uri(), file));
    return Stores.whole(
        most, check -> check.unread().isEmpty(), () -> asRead(snapshot.files(), before, most));
  }

  private static FileCheck asRead(
      List<StoredFile> files, Map<String, Receipt.StoredFile> before, Duration most)
      throws IOException {
    try (ReadPool pool = new ReadPool(0, ReadProgress.NONE, ReadPool.QUIET, most)) {
      FileHashes hashes = new FileHashes(files, pool);
      StoredFile metadata = files.get(0);
      for (StoredFile file : files) {
        Receipt.StoredFile known = before.get(file.uri());
        if (known != null && !file.equals(metadata)) {
          hashes.look(file.path(), known);
        }
      }
      return hashes.check();
    }
  }

  /**
   * SHA-256 of a snapshot's metadata, hexadecimal: no two snapshots have the same.
   *
   * @param most how long its file system may take to answer
   * @throws UnreadFileException if it does not in that time
   */
  public static String metadataHash(Snapshot snapshot, Duration most)
      throws IOException, InterruptedException {
    List<StoredFile> metadata = snapshot.files().subList(0, 1);
    FileCheck found = Stores.whole(most, check -> check.unread().isEmpty(), () -> check(metadata));
    if (!found.unread().isEmpty()) {
      throw new UnreadFileException(String.join("; ", found.unread()), null);
    }
    if (found.files().isEmpty()) {
      throw new IOException(String.join("; ", found.problems()));
    }
    return found.files().get(0).sha256();
  }

  /**
   * Reads a small file from a snapshot's directory; empty if it is not there.
   *
   * @param most how long its file system may take to answer
   * @throws UnreadFileException if it does not in that time
   */
  public static Optional<byte[]> sibling(Snapshot snapshot, String name, Duration most)
      throws IOException, InterruptedException {
    Deadline deadline = Time.system().after(most);
    while (true) {
      try {
        return sibling(snapshot, name);
      } catch (IOException e) {
        if (StoreRefusal.isBehind(e)) {
          throw e;
        } else if (deadline.isOver()) {
          throw new UnreadFileException(
              "%s/%s could not be read: %s".formatted(snapshot.uri(), name, e.getMessage()), e);
        }
      }
      deadline.time().sleep(AGAIN);
    }
  }

  /** Reads a small file from a snapshot's directory; empty if it is not there. */
  public static Optional<byte[]> sibling(Snapshot snapshot, String name) throws IOException {
    Path path = new Path(snapshot.location().directory(), name);
    return Stores.call(path.toString(), () -> newest(path));
  }

  /** While a writer moves it, it may be under either name; one that can't be opened is reported. */
  private static Optional<byte[]> newest(Path path) throws IOException {
    FileNotFoundException moved = null;
    for (int look = 0; look < LOOKS; look++) {
      try {
        Optional<byte[]> found = small(successor(path));
        if (found.isEmpty()) {
          found = small(path);
        }
        if (found.isPresent()) {
          return found;
        }
        moved = null;
      } catch (FileNotFoundException e) {
        moved = e;
      }
    }
    if (moved != null) {
      throw moved;
    }
    return Optional.empty();
  }

  private static Optional<byte[]> small(Path path) throws IOException {
    FileSystem files = path.getFileSystem();
    if (!files.exists(path)) {
      return Optional.empty();
    }
    try (InputStream in = StoredStream.open(path)) {
      return Optional.of(in.readNBytes(ReceiptFile.LONGEST + 1));
    }
  }

  /** Puts a small file into a snapshot's directory, in place of one with its name. */
  public static void putSibling(Snapshot snapshot, String name, byte[] bytes) throws IOException {
    Path path = new Path(snapshot.location().directory(), name);
    boolean unused =
        Stores.call(
            path.toString(),
            () -> {
              put(path, bytes);
              return true;
            });
  }

  private static void put(Path path, byte[] bytes) throws IOException {
    Path unfinished =
        new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID() + ".tmp");
    FileSystem files = path.getFileSystem();
    Path successor = successor(path);
    if (files.exists(successor)) { // Left by a killed writer; the current writer has read it.
      replace(files, successor, path);
    }
    try (OutputStream out = files.create(unfinished, WriteMode.OVERWRITE)) {
      out.write(bytes);
    }
    if (Thread.currentThread().isInterrupted()) { // Given up; another may have written since.
      IOException late =
          new InterruptedIOException("%s was not written: it took too long".formatted(path));
      discard(files, unfinished, late);
      throw late;
    }
    if (!renamed(files, unfinished, path)) {
      try {
        move(files, unfinished, successor);
      } catch (IOException e) { // As where a third writer is there.
        discard(files, unfinished, e);
        throw e;
      }
      if (files.exists(successor)) { // Otherwise another machine's writer has put it there.
        replace(files, successor, path);
      }
    }
  }

  /**
   * Where a file that is to take another's place is, whole, while that is deleted. It may be the
   * only trace of a resumption, which is there under one of the two names at any moment.
   */
  private static Path successor(Path path) {
    return new Path(path.getParent(), path.getName() + ".new");
  }

  private static void replace(FileSystem files, Path successor, Path path) throws IOException {
    files.delete(path, false);
    move(files, successor, path);
  }

  private static void move(FileSystem files, Path from, Path to) throws IOException {
    if (!files.rename(from, to)) {
      throw new IOException("%s can't be renamed to %s".formatted(from, to));
    }
  }

  private static void discard(FileSystem files, Path unfinished, IOException because) {
    try {
      files.delete(unfinished, false);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  /** Some file systems put one file in another's place, some don't. */
  private static boolean renamed(FileSystem files, Path from, Path to) {
    try {
      return files.rename(from, to);
    } catch (IOException occupied) {
      return false;
    }
  }
}

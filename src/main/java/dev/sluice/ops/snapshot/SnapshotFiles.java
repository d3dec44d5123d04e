package dev.sluice.ops.snapshot;

import dev.sluice.ops.receipt.ReceiptFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/** The files of a snapshot, and those beside them. */
public final class SnapshotFiles {

  private static final Duration AGAIN = Duration.ofMillis(200);

  private SnapshotFiles() {}

  /**
   * Reads every file from its first byte to its last, several at once.
   *
   * @throws IOException never for what is wrong with a file: that is a problem of the check
   */
  public static FileCheck check(Snapshot snapshot) throws IOException {
    return check(snapshot.references());
  }

  private static FileCheck check(List<ReferencedFiles.Reference> files) throws IOException {
    try (ReadPool pool = new ReadPool(0, ReadProgress.NONE)) {
      return new FileHashes(files, pool).check();
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
    long deadline = System.nanoTime() + most.toNanos();
    FileCheck found = check(snapshot.references().subList(0, 1));
    while (!found.unread().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(AGAIN.toMillis());
      found = check(snapshot.references().subList(0, 1));
    }
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
  public static Optional<byte[]> beside(Snapshot snapshot, String name, Duration most)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    while (true) {
      try {
        return beside(snapshot, name);
      } catch (IOException e) {
        if (StoreRefusal.isBehind(e)) {
          throw e;
        } else if (System.nanoTime() >= deadline) {
          throw new UnreadFileException(
              "%s/%s could not be read: %s".formatted(snapshot.uri(), name, e.getMessage()), e);
        }
      }
      Thread.sleep(AGAIN.toMillis());
    }
  }

  /** Reads a small file from a snapshot's directory; empty if it is not there. */
  public static Optional<byte[]> beside(Snapshot snapshot, String name) throws IOException {
    Path path = new Path(snapshot.location().directory(), name);
    return StoreCalls.of(path.toString(), () -> small(path));
  }

  private static Optional<byte[]> small(Path path) throws IOException {
    FileSystem files = path.getFileSystem();
    if (!files.exists(path)) {
      return Optional.empty();
    }
    try (InputStream in = PlainFiles.open(path)) {
      return Optional.of(in.readNBytes(ReceiptFile.LONGEST + 1));
    }
  }

  /** Puts a small file into a snapshot's directory, in place of one with its name. */
  public static void putBeside(Snapshot snapshot, String name, byte[] bytes) throws IOException {
    Path path = new Path(snapshot.location().directory(), name);
    boolean unused =
        StoreCalls.of(
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
    try (OutputStream out = files.create(unfinished, WriteMode.OVERWRITE)) {
      out.write(bytes);
    }
    if (!renamed(files, unfinished, path)) {
      files.delete(path, false);
      if (!files.rename(unfinished, path)) {
        throw new IOException("%s can't be renamed to %s".formatted(unfinished, path));
      }
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

package dev.sluice.ops.snapshot;

import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/** Looks at every file of a snapshot. */
public final class SnapshotFiles {

  private static final int BUFFER_BYTES = 1 << 17;

  private final List<Receipt.StoredFile> files = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final byte[] buffer = new byte[BUFFER_BYTES];

  private SnapshotFiles() {}

  /**
   * Reads every file from its first byte to its last.
   *
   * @throws IOException never for what is wrong with a file: that is a problem of the check
   */
  public static FileCheck check(Snapshot snapshot) throws IOException {
    SnapshotFiles check = new SnapshotFiles();
    for (ReferencedFiles.Reference file : snapshot.references()) {
      check.look(file);
    }
    return new FileCheck(List.copyOf(check.files), List.copyOf(check.problems));
  }

  /** SHA-256 of a snapshot's metadata, hexadecimal: no two snapshots have the same. */
  public static String metadataHash(Snapshot snapshot) throws IOException {
    return new SnapshotFiles().hashed(snapshot.references().get(0)).sha256();
  }

  private void look(ReferencedFiles.Reference expected) {
    String uri = expected.path().toString();
    try {
      Receipt.StoredFile found = hashed(expected);
      files.add(found);
      if (found.bytes() < expected.bytes()) {
        problems.add(
            "%s is cut off: it has %,d bytes of the %,d that the snapshot needs"
                .formatted(uri, found.bytes(), expected.bytes()));
      } else if (expected.whole() && found.bytes() > expected.bytes()) {
        problems.add(
            "%s is not the file that was written: it has %,d bytes, but the snapshot wrote %,d"
                .formatted(uri, found.bytes(), expected.bytes()));
      }
    } catch (FileNotFoundException e) {
      problems.add("%s is missing (%,d bytes)".formatted(uri, expected.bytes()));
    } catch (IOException e) {
      problems.add("%s can't be read: %s".formatted(uri, BadSnapshotException.reason(e)));
    }
  }

  private Receipt.StoredFile hashed(ReferencedFiles.Reference file) throws IOException {
    MessageDigest digest = sha256();
    long bytes = 0;
    try (InputStream in = PlainFiles.open(file.path())) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        bytes += read;
      }
    }
    return new Receipt.StoredFile(
        file.path().toString(), bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Reads a small file from a snapshot's directory; empty if it is not there. */
  public static Optional<byte[]> beside(Snapshot snapshot, String name) throws IOException {
    Path path = new Path(snapshot.location().directory(), name);
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
    Path unfinished =
        new Path(snapshot.location().directory(), "." + name + "." + UUID.randomUUID() + ".tmp");
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

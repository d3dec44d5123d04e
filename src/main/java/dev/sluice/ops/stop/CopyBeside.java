package dev.sluice.ops.stop;

import dev.sluice.ops.broker.Patience;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import dev.sluice.ops.receipt.ReceiptKeys;
import dev.sluice.ops.snapshot.Snapshot;
import dev.sluice.ops.snapshot.SnapshotFiles;
import dev.sluice.ops.snapshot.UnreadFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The copy of a stop's receipt beside its savepoint. Who resumes from that directory, on another
 * machine or with another journal, writes the resumption down there and nowhere else.
 */
final class CopyBeside {

  private CopyBeside() {}

  /**
   * Whether it says that the job was resumed from the savepoint; not if there is no copy, or no
   * savepoint that can be opened, for then its proof says so.
   *
   * @param most how long its file system may take to answer
   * @param keys one of which must have signed it, if there are any
   * @throws IOException if that can't be told
   */
  static boolean tellsOfAResumption(String savepoint, Duration most, ReceiptKeys keys)
      throws IOException, InterruptedException {
    Optional<byte[]> copy = read(savepoint, most);
    return copy.isPresent()
        && !ReceiptFile.parse(copy.get(), savepoint + "/" + ReceiptFile.BESIDE, keys)
            .resumptions()
            .isEmpty();
  }

  private static Optional<byte[]> read(String savepoint, Duration most)
      throws IOException, InterruptedException {
    Snapshot snapshot;
    try {
      snapshot = Snapshot.open(savepoint, most);
    } catch (UnreadFileException e) {
      throw untold(savepoint, e);
    } catch (IOException | UncheckedIOException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
    Patience patience = new Patience(most);
    while (true) {
      try {
        return SnapshotFiles.beside(snapshot, ReceiptFile.BESIDE);
      } catch (IOException e) {
        if (patience.isOver()) {
          throw untold(savepoint, e);
        }
      }
      patience.pause();
    }
  }

  private static IOException untold(String savepoint, IOException why) {
    return new IOException(
        "whether the job was resumed from %s can't be told: %s"
            .formatted(savepoint, why.getMessage()),
        why);
  }

  /**
   * Writes the copy if there is none, as of a stop that was killed before it could.
   *
   * @return why it can't be written; empty if it is there
   */
  static String putIfMissing(Receipt receipt, ReceiptKeys keys) {
    Receipt.Snapshot of = receipt.snapshot();
    if (of == null || receipt.outcome() == Receipt.Outcome.ESCALATED) {
      return "";
    }
    try {
      Snapshot snapshot = Snapshot.open(of.uri());
      if (SnapshotFiles.beside(snapshot, ReceiptFile.BESIDE).isEmpty()) {
        SnapshotFiles.putBeside(snapshot, ReceiptFile.BESIDE, ReceiptFile.bytes(receipt, keys));
      }
      return "";
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      return "there is no copy of the receipt beside the savepoint: " + e.getMessage();
    }
  }
}

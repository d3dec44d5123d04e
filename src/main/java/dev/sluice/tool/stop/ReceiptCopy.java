package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.savepoint.Stores;
import dev.sluice.tool.savepoint.UnreadFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The copy of a stop's receipt next to its savepoint. A resume from that directory, on another
 * machine or with another journal, records the resumption only there.
 */
final class ReceiptCopy {

  private ReceiptCopy() {}

  /**
   * The resumptions that it records; none if there is no copy, or no savepoint that can be opened,
   * because then its proof says so.
   *
   * @param most how long its file system may take to answer
   * @param keys one of which must have signed it, if there are any
   * @throws IOException if that is not known
   */
  static List<Receipt.Resumption> resumptions(String savepoint, Duration most, ReceiptKeys keys)
      throws IOException, InterruptedException {
    Snapshot snapshot;
    try {
      snapshot = Snapshot.open(savepoint, most);
    } catch (UnreadFileException e) {
      throw untold(savepoint, e);
    } catch (IOException | UncheckedIOException | IllegalArgumentException unreadable) {
      return List.of();
    }
    return resumptions(snapshot, most, keys);
  }

  /**
   * The resumptions that the copy records: what is open or committed since is the new run's.
   *
   * @param of null if it can't be read
   * @param most how long its file system may take to answer
   * @param keys one of which must have signed the copy, if there are any
   * @throws IOException if that is not known
   */
  static List<Receipt.Resumption> resumptions(
      @Nullable Snapshot of, Duration most, ReceiptKeys keys)
      throws IOException, InterruptedException {
    Optional<byte[]> copy = of == null ? Optional.empty() : read(of, most);
    return of == null || copy.isEmpty() ? List.of() : parse(copy.get(), of, keys).resumptions();
  }

  /** Why a stop must not be proved any more. */
  static String inWords(List<Receipt.Resumption> since) {
    return ("the savepoint %s, as the copy of the receipt next to it records: what is open or committed since is "
            + "that job's, so the stop can no longer be proved")
        .formatted(Resumptions.lastInWords(since));
  }

  /**
   * Puts a copy of a receipt there, with the resumptions that the existing one records: nothing
   * else may do so.
   *
   * @param most how long its file system may leave a call unanswered
   * @param keys that sign it, and one of which must have signed what is there
   * @throws IOException if it can't be written, or what is there can't be read and is left
   */
  static void put(Snapshot snapshot, Receipt receipt, Duration most, ReceiptKeys keys)
      throws IOException, InterruptedException {
    Receipt longer =
        Stores.once(most, () -> of(snapshot, keys))
            .map(copy -> KeptReceipt.with(receipt, copy.resumptions()))
            .orElse(receipt);
    write(snapshot, longer, most, keys);
  }

  private static void write(Snapshot snapshot, Receipt receipt, Duration most, ReceiptKeys keys)
      throws IOException, InterruptedException {
    byte[] bytes = ReceiptFile.bytes(receipt, keys);
    boolean unused =
        Stores.once(
            most,
            () -> {
              SnapshotFiles.putSibling(snapshot, ReceiptFile.COPY_NAME, bytes);
              return true;
            });
  }

  /**
   * The copy; empty if there is none.
   *
   * @param keys one of which must have signed it, if there are any
   */
  static Optional<Receipt> of(Snapshot snapshot, ReceiptKeys keys) throws IOException {
    Optional<byte[]> copy = SnapshotFiles.sibling(snapshot, ReceiptFile.COPY_NAME);
    return copy.isEmpty() ? Optional.empty() : Optional.of(parse(copy.get(), snapshot, keys));
  }

  private static Receipt parse(byte[] copy, Snapshot snapshot, ReceiptKeys keys)
      throws IOException {
    return ReceiptFile.parse(copy, snapshot.uri() + "/" + ReceiptFile.COPY_NAME, keys);
  }

  private static Optional<byte[]> read(Snapshot snapshot, Duration most)
      throws IOException, InterruptedException {
    try {
      return Stores.asked(most, () -> SnapshotFiles.sibling(snapshot, ReceiptFile.COPY_NAME));
    } catch (IOException e) {
      throw untold(snapshot.uri(), e);
    }
  }

  private static IOException untold(String savepoint, IOException why) {
    return new IOException(
        "whether the job was resumed from %s is not known: %s"
            .formatted(savepoint, why.getMessage()),
        why);
  }

  /**
   * Writes the copy if there is none, as of a stop that was killed before it could.
   *
   * @param most how long its file system may leave a call unanswered
   * @return why it can't be written; empty if it is there
   */
  static String putIfMissing(Receipt receipt, Duration most, ReceiptKeys keys)
      throws InterruptedException {
    Receipt.Snapshot of = receipt.snapshot();
    if (of == null || receipt.outcome() == StopResult.Kind.ESCALATED) {
      return "";
    }
    try {
      Snapshot snapshot = Stores.once(most, () -> Snapshot.open(of.uri()));
      if (Stores.once(most, () -> SnapshotFiles.sibling(snapshot, ReceiptFile.COPY_NAME))
          .isEmpty()) {
        write(snapshot, receipt, most, keys);
      }
      return "";
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      return "there is no copy of the receipt next to the savepoint: " + e.getMessage();
    }
  }
}

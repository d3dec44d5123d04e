package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Changes of a receipt that is in its file already. A stop, {@code verify} and a resume may all
 * write it, each long after it has read it: what another one has written meanwhile stays.
 */
public final class KeptReceipt {

  /** Where {@link #keepSignedBeside} keeps a copy: no name that is looked for. */
  public static final String SIGNED_BESIDE = ReceiptFile.COPY_NAME + ".signed";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private KeptReceipt() {}

  /**
   * Changes the resumptions of a receipt as it is in its file by now.
   *
   * @param change of the list of resumptions
   * @param file of the receipt; it is left alone if another stop's receipt is there by now
   * @param read what was there when the resume began
   * @param journal whose lock of the job is held meanwhile, if it is a directory
   * @param keys that sign it, and one of which must have signed what is there by now
   * @param time by which the lock is waited for
   * @return the receipt with the change
   */
  public static Receipt change(
      UnaryOperator<List<Receipt.Resumption>> change,
      Path file,
      Receipt read,
      Path journal,
      ReceiptKeys keys,
      Time time)
      throws IOException, InterruptedException {
    Path sibling = file.toAbsolutePath().getParent();
    Path locked = sibling == null || Files.isDirectory(journal) ? journal : sibling;
    Journal held = Journal.open(locked, read.job().id(), PATIENCE, time);
    try {
      Receipt now = Files.exists(file) ? ReceiptFile.read(file, keys) : read;
      if (!isOfOneStop(now, read)) {
        return changed(read, change);
      }
      Receipt changed = changed(now, change);
      if (!changed.equals(now)) {
        ReceiptFile.write(file, changed, keys);
      }
      return changed;
    } finally {
      held.close();
    }
  }

  /**
   * Changes the resumptions of the copy of a receipt next to its snapshot, and adds those that the
   * receipt records.
   *
   * @param receipt with the change, which is put there in the place of the copy
   * @param keys that sign it, and one of which must have signed what is there
   * @throws IOException if it can't be written, or what is there can't be read and is left
   */
  public static void changeBeside(
      UnaryOperator<List<Receipt.Resumption>> change,
      Snapshot snapshot,
      Receipt receipt,
      ReceiptKeys keys)
      throws IOException {
    Optional<Receipt> copy = ReceiptCopy.of(snapshot, keys);
    List<Receipt.Resumption> there =
        copy.map(one -> change.apply(one.resumptions())).orElse(List.of());
    Receipt longer = receipt.resumedAs(Resumptions.merged(receipt.resumptions(), there));
    if (copy.isEmpty() || !copy.get().equals(longer)) {
      SnapshotFiles.putSibling(snapshot, ReceiptFile.COPY_NAME, ReceiptFile.bytes(longer, keys));
    }
  }

  /**
   * Keeps the copy of a receipt next to its snapshot as it is, if it is signed, before somebody who
   * can't sign changes it.
   */
  public static void keepSignedBeside(Snapshot snapshot) throws IOException {
    Optional<byte[]> copy = SnapshotFiles.sibling(snapshot, ReceiptFile.COPY_NAME);
    if (copy.isPresent() && ReceiptFile.isSigned(copy.get())) {
      SnapshotFiles.putSibling(snapshot, SIGNED_BESIDE, copy.get());
    }
  }

  private static Receipt changed(Receipt receipt, UnaryOperator<List<Receipt.Resumption>> change) {
    return receipt.resumedAs(change.apply(receipt.resumptions()));
  }

  /** The receipt with the resumptions that its file records, if the keys trust that. */
  static Receipt withResumptions(Path file, Receipt receipt, ReceiptKeys keys) {
    return with(
        receipt,
        read(file, keys)
            .filter(there -> isOfOneStop(there, receipt))
            .map(Receipt::resumptions)
            .orElse(List.of()));
  }

  /** The receipt with those of the resumptions that it does not record yet. */
  static Receipt with(Receipt receipt, List<Receipt.Resumption> resumptions) {
    return receipt.resumedAs(Resumptions.merged(receipt.resumptions(), resumptions));
  }

  private static Optional<Receipt> read(Path file, ReceiptKeys keys) {
    try {
      return Files.isRegularFile(file)
          ? Optional.of(ReceiptFile.read(file, keys))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // It records nothing, and is written again.
    }
  }

  /** A file that is named with {@code --receipt} may have that of an earlier stop. */
  private static boolean isOfOneStop(Receipt one, Receipt other) {
    Receipt.Snapshot snapshot = one.snapshot();
    Receipt.Snapshot otherSnapshot = other.snapshot();
    return one.job().id().equals(other.job().id())
        && one.startedAt().equals(other.startedAt())
        && snapshot != null
        && otherSnapshot != null
        && snapshot.uri().equals(otherSnapshot.uri());
  }
}

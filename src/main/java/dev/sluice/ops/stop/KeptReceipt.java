package dev.sluice.ops.stop;

import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import dev.sluice.ops.receipt.ReceiptKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Changes of a receipt that is in its file already. A stop, {@code verify} and a resume may all
 * write it, each long after it has read it: what another one has written meanwhile stays.
 */
public final class KeptReceipt {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private KeptReceipt() {}

  /**
   * Adds a resumption to a receipt as it is in its file by now.
   *
   * @param file of the receipt; it is left alone if another stop's receipt is there by now
   * @param read what was there when the resume began
   * @param journal whose lock of the job is held meanwhile, if it is a directory
   * @param keys that sign it, and one of which must have signed what is there by now
   * @return the receipt with the resumption
   */
  public static Receipt add(
      Receipt.Resumption resumption, Path file, Receipt read, Path journal, ReceiptKeys keys)
      throws IOException, InterruptedException {
    Path beside = file.toAbsolutePath().getParent();
    Path locked = beside == null || Files.isDirectory(journal) ? journal : beside;
    Journal held = Journal.open(locked, read.job().id(), PATIENCE);
    try {
      if (!Files.exists(file)) {
        ReceiptFile.write(file, read.with(resumption), keys);
        return read.with(resumption);
      }
      Receipt now = ReceiptFile.read(file, keys);
      if (!isOfOneStop(now, read)) {
        return read.with(resumption);
      }
      ReceiptFile.write(file, now.with(resumption), keys);
      return now.with(resumption);
    } finally {
      held.close();
    }
  }

  /** The receipt with the resumptions that its file tells of, if the keys trust that. */
  static Receipt withResumptions(Path file, Receipt receipt, ReceiptKeys keys) {
    return with(
        receipt,
        read(file, keys)
            .filter(there -> isOfOneStop(there, receipt))
            .map(Receipt::resumptions)
            .orElse(List.of()));
  }

  /** The receipt with those of the resumptions that it does not tell of yet. */
  static Receipt with(Receipt receipt, List<Receipt.Resumption> resumptions) {
    Receipt longer = receipt;
    for (Receipt.Resumption each : resumptions) {
      longer = longer.resumptions().contains(each) ? longer : longer.with(each);
    }
    return longer;
  }

  private static Optional<Receipt> read(Path file, ReceiptKeys keys) {
    try {
      return Files.isRegularFile(file)
          ? Optional.of(ReceiptFile.read(file, keys))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // It tells of nothing, and is written anew.
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

package dev.sluice.tool.receipt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The receipts in a journal's directory.
 *
 * @param kept every receipt that can be read, that of the last stop first: a stop that is proved
 *     again ends later, and is no later stop
 * @param unread those that can't be read
 */
public record ReceiptFolder(List<Kept> kept, List<Unread> unread) {

  public ReceiptFolder {
    kept = List.copyOf(kept);
    unread = List.copyOf(unread);
  }

  /**
   * A receipt that can't be read.
   *
   * @param file where it is
   * @param why a sentence
   */
  public record Unread(Path file, String why) {}

  /** A sentence for each file that can't be read. */
  public List<String> passedOver() {
    return unread.stream().map(Unread::why).toList();
  }

  /**
   * A receipt and its file.
   *
   * @param file where it is
   * @param receipt what it says
   */
  public record Kept(Path file, Receipt receipt) {}

  /**
   * Reads every receipt of a directory; none if there is no such directory.
   *
   * @throws IOException if the directory can't be listed
   */
  public static ReceiptFolder read(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return new ReceiptFolder(List.of(), List.of());
    }
    List<Kept> kept = new ArrayList<>();
    List<Unread> unread = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(ReceiptFolder::isReceipt).sorted().toList()) {
        try {
          kept.add(new Kept(file, ReceiptFile.read(file)));
        } catch (IOException e) {
          unread.add(new Unread(file, String.valueOf(e.getMessage())));
        }
      }
    }
    // By the end among those of one stop: of a rollback and of what it was made from.
    Comparator<Kept> byStop = Comparator.comparing(one -> one.receipt().startedAt());
    kept.sort(byStop.thenComparing(one -> one.receipt().endedAt()).reversed());
    return new ReceiptFolder(kept, unread);
  }

  private static boolean isReceipt(Path file) {
    return file.getFileName().toString().matches("receipt-.*\\.json");
  }

  /** The receipt of the last stop that fits. */
  public Optional<Kept> newest(Predicate<Receipt> fits) {
    return kept.stream().filter(one -> fits.test(one.receipt())).findFirst();
  }
}

package dev.sluice.tool.resume;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.stop.Vouched;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Whether the files of a snapshot are those of its receipt. */
final class SameBytes {

  private SameBytes() {}

  /**
   * What differs, a sentence each. An unsigned receipt is checked for damage only, and not if
   * another snapshot of the job was taken in place of its own; one that is signed must vouch for
   * what is resumed.
   */
  static List<String> problems(Resumable from, List<Receipt.StoredFile> found) {
    Receipt receipt = from.receipt();
    Receipt.Snapshot reported = receipt == null ? null : receipt.snapshot();
    if (receipt != null && from.signed()) {
      return Vouched.problems(receipt, from.snapshot().uri(), found);
    } else if (reported == null || reported.checkpointId() != from.snapshot().checkpointId()) {
      return List.of();
    }
    Map<String, String> now = hashes(found);
    return hashes(reported.files()).entrySet().stream()
        .filter(file -> !file.getValue().equals(now.get(file.getKey())))
        .map(
            file ->
                "%s is not what the receipt says: its bytes have changed since. Resume from another snapshot, or from a copy"
                    .formatted(file.getKey()))
        .toList();
  }

  /** By the files' names alone: a snapshot may have been moved as a whole. */
  private static Map<String, String> hashes(List<Receipt.StoredFile> files) {
    return files.stream()
        .collect(
            Collectors.toMap(
                file -> file.uri().substring(file.uri().lastIndexOf('/') + 1),
                Receipt.StoredFile::sha256,
                (one, other) -> one));
  }
}

package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.FileCheck;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is proved of a snapshot's files.
 *
 * @param files those that are there, with their hashes
 * @param problems of files that are missing, damaged or could not be read
 */
public record FileProof(List<Receipt.StoredFile> files, List<Problem> problems) {

  static final FileProof NONE = new FileProof(List.of(), List.of());

  /** Of what was found where the files should be. */
  public static FileProof of(FileCheck check) {
    return new FileProof(
        check.files(),
        check.problems().stream()
            .map(
                text ->
                    new Problem(
                        check.unread().contains(text)
                            ? Problem.Code.UNDECIDED
                            : Problem.Code.INCOMPLETE,
                        text))
            .toList());
  }

  /** Whether something is known about each of them. */
  boolean allRead() {
    return problems.stream().noneMatch(Problem::isUndecided);
  }

  long bytes() {
    return files.stream().mapToLong(Receipt.StoredFile::bytes).sum();
  }

  /**
   * Whether the snapshot is the one that a signed receipt vouches for: it has the files of the
   * receipt, under their names, each with its hash, and no other. The metadata is one of them, so
   * nothing that it names can be another file's. Then the place of the snapshot does not matter: it
   * may be a copy.
   *
   * @param uri of the snapshot
   * @return what distinguishes it from that snapshot, a sentence each
   */
  public static List<String> notVouchedFor(
      Receipt receipt, String uri, List<Receipt.StoredFile> found) {
    Receipt.Snapshot reported = receipt.snapshot();
    if (reported == null) {
      return List.of("the signed receipt names no snapshot");
    }
    if (reported.files().isEmpty()) {
      return StopHistory.isSame(reported.uri(), uri)
          ? List.of()
          : List.of("the signed receipt is of %s, not of %s".formatted(reported.uri(), uri));
    }
    Set<String> differ = names(reported.files());
    Set<String> now = names(found);
    Set<String> both = new TreeSet<>(differ);
    both.retainAll(now);
    differ.addAll(now);
    differ.removeAll(both);
    return differ.isEmpty()
        ? List.of()
        : List.of(
            "%s is not the snapshot that the signed receipt vouches for: of its files %s differ"
                .formatted(
                    uri,
                    differ.stream()
                        .map(one -> one.substring(0, one.indexOf('\n')))
                        .distinct()
                        .collect(Collectors.joining(", "))));
  }

  /** What the signature does not vouch for although it holds. */
  public static List<String> signatureNotes(Receipt receipt) {
    Receipt.Snapshot reported = receipt.snapshot();
    return reported != null && reported.files().isEmpty()
        ? List.of(
            "the signed receipt holds no hashes of the snapshot's files, as its proof did not come so far: the "
                + "signature vouches for the place alone, not for what is there now")
        : List.of();
  }

  /**
   * Which files of a snapshot are not as its receipt says, a sentence each. Compares by the files'
   * names alone: a snapshot may have been moved as a whole.
   */
  public static List<String> changed(Receipt.Snapshot reported, List<Receipt.StoredFile> found) {
    Set<String> changed = names(reported.files());
    changed.removeAll(names(found));
    return changed.stream()
        .map(
            one ->
                ("%s is not what the receipt says: its bytes have changed since. Resume from another snapshot, or "
                        + "from a copy")
                    .formatted(one.substring(0, one.indexOf('\n'))))
        .toList();
  }

  /** The receipt's files whose bytes the snapshot has no more, under whatever name. */
  List<Problem> gone(Receipt.Snapshot reported) {
    Set<String> now = new HashSet<>();
    files.forEach(file -> now.add(file.sha256()));
    return reported.files().stream()
        .filter(file -> !now.contains(file.sha256()))
        .map(
            file ->
                new Problem(
                    Problem.Code.CHANGED,
                    "%s has changed since the receipt was written: none of the snapshot's files has its hash %s"
                        .formatted(file.uri(), file.sha256())))
        .toList();
  }

  private static Set<String> names(List<Receipt.StoredFile> files) {
    Set<String> names = new TreeSet<>();
    for (Receipt.StoredFile file : files) {
      names.add(file.uri().substring(file.uri().lastIndexOf('/') + 1) + "\n" + file.sha256());
    }
    return names;
  }
}

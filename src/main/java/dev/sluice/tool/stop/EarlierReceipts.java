package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The receipt of the stop that a job was resumed from: its counters must not have gone back since.
 * It is searched in the journal, whose entries also name receipts in other directories, and then in
 * the directory of the receipt that is proved again: it may have come with a whole journal from
 * another machine. Where Flink says from which snapshot it has started the run, that snapshot's
 * receipt counts wherever it is; one that only tells of the job's id may be of another run.
 */
final class EarlierReceipts {

  /** What is not proved where no counters were compared. */
  static final String NOT_COMPARED =
      "that no models were lost since the stop before: no counters were compared";

  private static final String COMPARED = "; counters compared with those of ";

  /**
   * What was found.
   *
   * @param before the receipt of the stop before; empty if it was not found
   * @param findings a warning for each file that can't be read, as one of another version, and one
   *     if there are no totals though the job has continued from a snapshot, or may have
   */
  record Found(Optional<ReceiptFolder.Kept> before, Findings findings) {}

  private final Path journal;
  private final @Nullable Path own;

  /**
   * @param journal of the operator
   * @param own the directory of the receipt that is proved again; null if only the journal counts
   */
  EarlierReceipts(Path journal, @Nullable Path own) {
    this.journal = journal;
    this.own = own;
  }

  /** Finds the receipt of the stop before. */
  Found of(Journal.Entry entry) {
    Set<Path> folders = new LinkedHashSet<>();
    Findings findings = Findings.NONE;
    Optional<ReceiptFolder.Kept> before;
    try {
      folders.add(journal.toAbsolutePath().normalize());
      ReceiptFolder first = ReceiptFolder.read(journal);
      findings = findings.and(passedOver(first));
      before = last(first.kept().stream(), entry);
      if (!isFound(before, entry)) {
        before = better(before, elsewhere(entry), entry);
      }
      if (!isFound(before, entry) && own != null && folders.add(own.toAbsolutePath().normalize())) {
        Found second = of(own, entry);
        findings = findings.and(second.findings());
        before = better(before, second.before(), entry);
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      Problem unknown = Problem.notFoundOut(e);
      return new Found(Optional.empty(), findings.and(Findings.problems(List.of(unknown))));
    }
    return new Found(before, findings.and(notCompared(before, entry.job(), folders)));
  }

  /** Why no counters can be compared; nothing if they can. */
  private static Findings notCompared(
      Optional<ReceiptFolder.Kept> before, JobFacts job, Set<Path> folders) {
    if (before.isEmpty()) {
      return noReceipt(job, folders);
    }
    return before.get().receipt().models() != null
        ? Findings.NONE
        : Findings.notProved(NOT_COMPARED)
            .and(
                Findings.warning(
                    ("no counters were compared with those of the stop before, whose receipt %s has none: "
                            + "that no models were lost since is not proved")
                        .formatted(before.get().file())));
  }

  /** The first, unless the other alone is of the snapshot from which Flink has started the run. */
  private static Optional<ReceiptFolder.Kept> better(
      Optional<ReceiptFolder.Kept> first, Optional<ReceiptFolder.Kept> other, Journal.Entry entry) {
    return other.filter(one -> isRestored(one, entry)).or(() -> first).or(() -> other);
  }

  /** Whether no other place can have a better one. */
  private static boolean isFound(Optional<ReceiptFolder.Kept> before, Journal.Entry entry) {
    String restored = entry.job().restored();
    return before.isPresent()
        && (restored == null || restored.isEmpty() || isRestored(before.get(), entry));
  }

  /**
   * What the step says that compared with it.
   *
   * @param found what else the step has found
   * @param compared the receipt that it compared with; empty if with none
   */
  static String inWords(String found, Optional<ReceiptFolder.Kept> compared) {
    return compared.map(before -> found + COMPARED + before.file()).orElse(found);
  }

  /** The file with whose counters a receipt's step compared, for people; empty if with none. */
  static Optional<String> comparedBy(Receipt receipt) {
    return receipt.steps().stream()
        .filter(line -> line.step().equals(Step.SANE.code()) && line.text().contains(COMPARED))
        .map(line -> line.text().substring(line.text().lastIndexOf(COMPARED) + COMPARED.length()))
        .findFirst();
  }

  private static Findings passedOver(ReceiptFolder folder) {
    return Findings.warnings(
        folder.passedOver().stream()
            .map(why -> "an earlier receipt was passed over: " + why)
            .toList());
  }

  /** The receipt that is proved again may be where this user may write, and not list. */
  private static Found of(Path own, Journal.Entry entry) {
    ReceiptFolder folder;
    try {
      folder = ReceiptFolder.read(own);
    } catch (IOException | UncheckedIOException e) {
      return new Found(
          Optional.empty(),
          Findings.warning(
              ("the receipts in %s were not checked for that of the stop before, because the directory can't be "
                      + "listed (%s): let this process list it, or put that receipt into the journal")
                  .formatted(own, e)));
    }
    return new Found(last(folder.kept().stream(), entry), passedOver(folder));
  }

  /** For stops whose receipt was not to be in the journal. */
  private Optional<ReceiptFolder.Kept> elsewhere(Journal.Entry entry) {
    return last(
        Journal.all(journal, "").stream().flatMap(stop -> readable(stop.receipt()).stream()),
        entry);
  }

  /**
   * Deployments give every run of a job the same id, so several receipts may tell of it. That of
   * the snapshot from which Flink has started the run counts, if it is known; else the one that was
   * resumed last before this stop, as far as Flink has taken that job. A line that says only that a
   * job was to be asked for, and one of after the stop, may be of no run, or of another. Of two
   * files of one stop, as a backup, the one counts that was proved last.
   */
  private static Optional<ReceiptFolder.Kept> last(
      Stream<ReceiptFolder.Kept> kept, Journal.Entry entry) {
    return kept.filter(one -> isOfTheStopBefore(one, entry))
        .max(
            Comparator.<ReceiptFolder.Kept, Boolean>comparing(one -> isRestored(one, entry))
                .thenComparing(one -> resumedAt(one, entry, false))
                .thenComparing(one -> resumedAt(one, entry, true))
                .thenComparing(one -> one.receipt().endedAt()));
  }

  private static boolean isRestored(ReceiptFolder.Kept kept, Journal.Entry entry) {
    String restored = entry.job().restored();
    Receipt.Snapshot snapshot = kept.receipt().snapshot();
    return restored != null && snapshot != null && StopHistory.isSame(restored, snapshot.uri());
  }

  /**
   * When the job was resumed from it last before this stop; {@link Instant#MIN} if never.
   *
   * @param asked whether a job counts that Flink was not seen to take
   */
  private static Instant resumedAt(ReceiptFolder.Kept kept, Journal.Entry entry, boolean asked) {
    return kept.receipt().resumptions().stream()
        .filter(one -> one.jobId().equals(entry.job().id()))
        .filter(one -> asked || one.state() != Receipt.Resumption.State.ASKED)
        .map(Receipt.Resumption::at)
        .filter(at -> !at.isAfter(entry.started()))
        .max(Comparator.naturalOrder())
        .orElse(Instant.MIN);
  }

  private static Optional<ReceiptFolder.Kept> readable(@Nullable String file) {
    try {
      return file == null
          ? Optional.empty()
          : Optional.of(new ReceiptFolder.Kept(Path.of(file), ReceiptFile.read(Path.of(file))));
    } catch (IOException gone) {
      return Optional.empty(); // It is the operator's to keep.
    }
  }

  /**
   * Whether the run began from its snapshot, as Flink reports or a resumption in it. A resume that
   * names the savepoint's directory is recorded only in the copy there. A later stop of the same id
   * has resumptions of it, too.
   */
  private static boolean isOfTheStopBefore(ReceiptFolder.Kept kept, Journal.Entry entry) {
    return !kept.receipt().startedAt().isAfter(entry.started())
        && (isRestored(kept, entry)
            || kept.receipt().resumptions().stream()
                .anyMatch(one -> one.jobId().equals(entry.job().id())));
  }

  private static Findings noReceipt(JobFacts job, Set<Path> folders) {
    String restored = job.restored();
    if (restored != null && restored.isEmpty()) {
      return Findings.NONE; // It began with nothing.
    }
    String where = folders.stream().map(Path::toString).collect(Collectors.joining(" or in "));
    Findings notProved =
        Findings.notProved(
            restored == null ? NOT_COMPARED + ", if the job was resumed from any" : NOT_COMPARED);
    return notProved.and(
        Findings.warning(
            restored == null
                ? ("no counters were compared: no receipt in %s is of this run, and whether it was resumed from a stop "
                        + "is not known. That no models were lost since then is not proved")
                    .formatted(where)
                : ("no counters were compared: the job was started from %s, and no receipt in %s is of that snapshot. "
                        + "That no models were lost since then is not proved")
                    .formatted(restored, where)));
  }
}

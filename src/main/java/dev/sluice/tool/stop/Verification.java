package dev.sluice.tool.stop;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.savepoint.SavedCommands;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.savepoint.Stores;
import dev.sluice.tool.savepoint.WholeRead;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;

/** Proves a snapshot again, at any time after its stop. */
public final class Verification {

  private static final Duration FILES = Duration.ofSeconds(30);
  private static final String NOT_PROVED = "not proved: ";

  private Verification() {}

  /**
   * What was found.
   *
   * @param uri the snapshot
   * @param kind what it was taken for, in words
   * @param checkpointId its number
   * @param files all that belong to it
   * @param sourceOffsets the sources' positions
   * @param transactions the pending ones, and what became of them; empty without settings
   * @param models totals over every key, null if they were not read
   * @param problems why it must not be trusted; empty if it may
   * @param stopProblems why its stop was not proved, beyond what was checked again now; empty if it
   *     was, or no receipt records it
   * @param unjudged those of the problems that are only about what this machine could not read, or
   *     say that the proof of the stop has not ended, or was not repeated
   * @param warnings what could not be checked
   * @param comparedWith what was compared with which receipt, a phrase each; empty for nothing
   */
  public record Result(
      String uri,
      String kind,
      long checkpointId,
      List<Receipt.StoredFile> files,
      SortedMap<String, Long> sourceOffsets,
      List<Receipt.Transaction> transactions,
      Receipt.@Nullable Models models,
      List<String> problems,
      List<String> stopProblems,
      List<String> unjudged,
      List<String> warnings,
      List<String> comparedWith) {

    /** Whether the snapshot may be trusted. */
    public boolean isGood() {
      return problems.isEmpty() && stopProblems.isEmpty();
    }

    /** Whether nothing is known to be wrong, and something could not be read on this machine. */
    public boolean isUndecided() {
      return !isGood() && unjudged.containsAll(problems) && unjudged.containsAll(stopProblems);
    }

    /** The same, once the stop was proved again. */
    public Result provedAgain(StopResult again) {
      List<String> wrong = List.of();
      Receipt receipt = again.kind() == StopResult.Kind.ESCALATED ? null : again.receipt();
      if (receipt != null && again.kind() == StopResult.Kind.UNPROVED) {
        if (!receipt.resumptions().isEmpty()) {
          return notProvedAgain(receipt);
        }
        wrong = receipt.problems();
        wrong = wrong.isEmpty() ? List.of(again.text()) : wrong; // It could not be written.
      }
      Set<String> notes = new LinkedHashSet<>(warnings);
      List<String> compared = new ArrayList<>(comparedWith);
      if (receipt != null) {
        EarlierReceipts.comparedBy(receipt)
            .ifPresent(file -> compared.add("its counters with those of " + file));
        notes.addAll(stopNotes(receipt.outcome(), receipt.notProved()));
      }
      return with(wrong, unjudged, notes, compared);
    }

    /** For a receipt that records a resumption, as it is judged whenever it is named. */
    private Result notProvedAgain(Receipt receipt) {
      List<Problem> wrong = Verification.stopProblems(receipt, true, files, transactions);
      return with(Problem.texts(wrong), undecided(unjudged, wrong), warnings, comparedWith);
    }

    private Result with(
        List<String> wrong,
        List<String> undecided,
        Collection<String> notes,
        List<String> compared) {
      return new Result(
          uri,
          kind,
          checkpointId,
          files,
          sourceOffsets,
          transactions,
          models,
          problems,
          wrong,
          List.copyOf(undecided),
          List.copyOf(notes),
          List.copyOf(compared));
    }
  }

  /**
   * Reads a snapshot whole, and compares it with its receipt: what the receipt calls unproved is
   * not trusted, unless it was checked again.
   *
   * @param named the receipt by which the snapshot was named; null for the one next to it, if any
   * @param keys one of which must have signed the receipt next to it, if there are any
   * @param settings of its job; of those that a receipt contains only places count; empty if they
   *     are not known
   * @param known where a receipt may send this tool
   * @param progress receives the progress of the read
   * @throws IOException if there is no snapshot, its receipt names brokers that the operator does
   *     not know, or the brokers can't be asked
   */
  public static Result of(
      ToolServices services,
      String uri,
      @Nullable Receipt named,
      ReceiptKeys keys,
      Map<String, String> settings,
      KnownPlaces known,
      ReadProgress progress)
      throws IOException, InterruptedException {
    return of(services, uri, named, keys, settings, known, progress, FILES);
  }

  /**
   * @param most how long the snapshot's file system may fail, or leave a call unanswered
   */
  static Result of(
      ToolServices services,
      String uri,
      @Nullable Receipt named,
      ReceiptKeys keys,
      Map<String, String> settings,
      KnownPlaces known,
      ReadProgress progress,
      Duration most)
      throws IOException, InterruptedException {
    Snapshot snapshot = Stores.once(most, () -> Snapshot.open(uri));
    SnapshotProof proof;
    try {
      proof = SnapshotProof.NONE.with(snapshot, Stores.asked(most, snapshot::sourceOffsets));
    } catch (IOException | UncheckedIOException e) { // As the check of its files will say, too.
      proof = SnapshotProof.NONE.with(snapshot, Map.of()).with(Problem.unread(e));
    }
    Receipt receipt = named != null ? named : sibling(snapshot, keys);
    Map<String, String> all = new HashMap<>();
    if (receipt != null) {
      all.putAll(known.brokerSettings(receipt, "the receipt next to " + snapshot.uri()));
      proof = proof.with(Findings.warnings(Unasked.warnings(receipt)));
    }
    all.putAll(receipt == null ? settings : PublishedSettings.additions(settings));
    WholeRead.Result read = WholeRead.of(snapshot, most, progress);
    proof = proof.with(FileProof.of(read.files()), snapshot.kind(), false);
    proof = proof.with(ModelProof.of(read, proof.files()));
    if (proof.models().judged() != null) {
      SavedCommands unused = Stores.asked(most, snapshot::commands); // Or it can't be resumed.
    }
    proof =
        proof.with(
            receipt == null
                ? Findings.warning(
                    "there is no receipt next to it: it was not stopped by this tool")
                : compared(receipt, snapshot.uri(), proof.files(), keys));
    if (all.isEmpty()) {
      proof =
          proof.with(
              Findings.warning(
                  "the brokers were not asked about its transactions: give the job's --settings"));
    } else {
      proof = fates(services, snapshot, JobSettings.of(all), proof, receipt);
    }
    List<String> compared = new ArrayList<>();
    if (receipt != null && receipt.snapshot() != null && !receipt.snapshot().files().isEmpty()) {
      compared.add(
          named != null
              ? "its files with the receipt that was named"
              : "its files with the receipt next to it");
    }
    List<Receipt.StoredFile> files = proof.files().files();
    List<Problem> stopProblems =
        receipt == null
            ? List.of()
            : stopProblems(receipt, named != null, files, proof.transactions());
    return new Result(
        snapshot.uri(),
        snapshot.kind().words(),
        snapshot.checkpointId(),
        files,
        proof.sourceOffsets(),
        proof.transactions(),
        proof.models().totals(),
        proof.findings().problemTexts(),
        Problem.texts(stopProblems),
        undecided(undecided(List.of(), proof.findings().problems()), stopProblems),
        proof.findings().warnings(),
        compared);
  }

  /** Those texts, and those of the problems that are undecided. */
  private static List<String> undecided(List<String> before, List<Problem> problems) {
    return Stream.concat(
            before.stream(), problems.stream().filter(Problem::isUndecided).map(Problem::text))
        .toList();
  }

  /** What the receipt of a snapshot says that was read. */
  private static Findings compared(Receipt receipt, String uri, FileProof files, ReceiptKeys keys) {
    Findings found = Findings.NONE;
    Receipt.Snapshot reported = receipt.snapshot();
    if (reported != null && files.allRead()) {
      found = found.and(Findings.problems(files.gone(reported)));
    }
    if (keys.areGiven() && files.allRead()) {
      found =
          found
              .and(
                  Findings.problems(
                      FileProof.notVouchedFor(receipt, uri, files.files()).stream()
                          .map(text -> new Problem(Problem.Code.CHANGED, text))
                          .toList()))
              .and(Findings.warnings(FileProof.signatureNotes(receipt)));
    }
    return found.and(Findings.warnings(stopNotes(receipt.outcome(), receipt.notProved())));
  }

  private static @Nullable Receipt sibling(Snapshot snapshot, ReceiptKeys keys)
      throws IOException, InterruptedException {
    Optional<byte[]> sibling =
        Stores.once(FILES, () -> SnapshotFiles.sibling(snapshot, ReceiptFile.COPY_NAME));
    if (sibling.isEmpty()) {
      keys.requireReceipt(snapshot.uri());
      return null;
    }
    return ReceiptFile.parse(sibling.get(), snapshot.uri() + "/" + ReceiptFile.COPY_NAME, keys);
  }

  /**
   * Why the stop was not proved: everything that its receipt names, except what was checked again
   * now: the files, the models and those transactions of the snapshot that brokers still report.
   *
   * @param named whether it was named by its file
   * @param files that were checked
   * @param transactions that were asked for
   */
  private static List<Problem> stopProblems(
      Receipt receipt,
      boolean named,
      List<Receipt.StoredFile> files,
      List<Receipt.Transaction> transactions) {
    if (receipt.outcome() != StopResult.Kind.UNPROVED) {
      return List.of();
    }
    List<String> judged = new ArrayList<>();
    if (receipt.snapshot() != null) {
      judged.add(receipt.snapshot().uri());
    }
    files.forEach(file -> judged.add(file.uri()));
    transactions.stream()
        .filter(asked -> !asked.fate().equals(Fate.EXPIRED.code())) // The brokers have forgotten.
        .map(asked -> "transaction %s of the savepoint is ".formatted(asked.transactionalId()))
        .forEach(judged::add);
    Problem.Code code = receipt.unfinished() ? Problem.Code.UNDECIDED : Problem.Code.NOT_FOUND_OUT;
    Stream<Problem> found =
        receipt.problems().stream()
            .filter(
                problem ->
                    problem.startsWith(Problem.PREFIX)
                        || judged.stream().noneMatch(problem::contains))
            .map(problem -> new Problem(code, Unasked.shown(problem)));
    Problem why = new Problem(Problem.Code.UNDECIDED, notAgain(receipt, named));
    return Stream.concat(found, Stream.of(why)).toList();
  }

  /**
   * Why checking its savepoint alone does not prove an unproved stop: its counters, for example,
   * were not compared, however good the files are.
   */
  private static String notAgain(Receipt receipt, boolean named) {
    if (!receipt.resumptions().isEmpty()) {
      return "it is not proved again, for the job %s: what is open or committed since may be that job's"
          .formatted(Resumptions.lastInWords(receipt.resumptions()));
    }
    return named
        ? "it is not proved again, for Flink has not reported that the job has ended: the same stop again completes it"
        : "it is not proved again by the name of its savepoint: name the file of its receipt, which proves the "
            + "stop again unless it was resumed since";
  }

  /** What the stop did not prove though it ended as it should, and how it ended if not so. */
  private static List<String> stopNotes(StopResult.Kind outcome, List<String> notProved) {
    List<String> notes = new ArrayList<>();
    if (outcome == StopResult.Kind.FAILED_WHILE_STOPPING) {
      notes.add(
          "the job failed before it had finished: some of its answers may not be committed yet, and the resume "
              + "commits what is open");
    }
    notProved.forEach(clause -> notes.add(NOT_PROVED + Unasked.shown(clause)));
    return notes;
  }

  /** A job that was resumed since has transactions of its own; only those of the snapshot count. */
  private static SnapshotProof fates(
      ToolServices services,
      Snapshot snapshot,
      JobSettings settings,
      SnapshotProof before,
      @Nullable Receipt receipt)
      throws IOException, InterruptedException {
    SnapshotProof proof = before;
    String answers = NOT_PROVED + Verdicts.ANSWERS;
    boolean transactions = settings.sink().guarantee() == DeliveryGuarantee.EXACTLY_ONCE;
    if (!transactions) {
      proof = proof.with(newWarning(proof, answers));
    }
    List<PendingTransaction> pending = Stores.once(FILES, snapshot::committables);
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      if (transactions) {
        ClusterMatch match = brokers.match(receipt == null ? "" : receipt.job().kafkaClusterId());
        proof = proof.with(match);
        if (match instanceof ClusterMatch.Other) {
          return proof;
        } else if (match instanceof ClusterMatch.Unknown unknown) {
          proof = proof.with(newWarning(proof, NOT_PROVED + unknown.clause()));
        }
      }
      TransactionProof fates = TransactionProof.of(pending, brokers.fates(pending), receipt);
      return proof.with(fates.figures()).with(fates.findings());
    }
  }

  private static Findings newWarning(SnapshotProof proof, String text) {
    return proof.findings().warnings().contains(text) ? Findings.NONE : Findings.warning(text);
  }
}

package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.StoredFile;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;

/**
 * What comes after the job's end: proof, receipt, outcome. The job has ended, so nothing in here
 * may say that nothing has changed: whatever can't be found out or written makes the proof fail.
 * Used by one thread.
 */
final class StopProver {

  private static final Logger LOG = System.getLogger(StopProver.class.getName());

  private final StopPolicy policy;
  private final StopLog log;
  private final ReceiptWriter receipts;
  private final AskedJobs asked;
  private final ProofSteps steps;

  StopProver(ToolServices services, StopPolicy policy, StopLog log) {
    this.policy = policy;
    this.log = log;
    this.receipts = new ReceiptWriter(policy, log);
    this.asked = new AskedJobs(services, policy.rest());
    this.steps = new ProofSteps(services, policy, log);
  }

  /** Proves a savepoint and reports the result; a receipt that says proved already is kept. */
  StopResult prove(Journal journal, Journal.Entry entry, String uri, StopResult.Kind wanted)
      throws InterruptedException {
    Optional<Receipt> standing = standing(entry, uri);
    if (standing.isPresent() && wanted == StopResult.Kind.PROVED) {
      return stands(journal, entry.saved(uri), standing.get());
    }
    return prove(journal, entry, uri, wanted, null, Findings.NONE, true);
  }

  /**
   * Proves again a savepoint whose proof had failed, for example because a broker was down, and
   * replaces the earlier receipt.
   *
   * @param journal of the stop; null if the stop is over for it
   * @param earlier the receipt of the proof that failed, of a job whose end Flink has reported
   */
  StopResult proveAgain(@Nullable Journal journal, Journal.Entry entry, Receipt earlier)
      throws InterruptedException {
    String uri = Objects.requireNonNull(entry.savepoint());
    StopResult.Kind wanted =
        Reproof.hasFailed(earlier) ? StopResult.Kind.FAILED_WHILE_STOPPING : StopResult.Kind.PROVED;
    return prove(journal, entry, uri, wanted, earlier, Findings.NONE, true);
  }

  /**
   * Proves from files and brokers alone a savepoint after which Flink stopped answering, as in
   * application mode, where the JobManager ends with its job. That every transaction is committed
   * and none is open shows that the job has ended, unless another JobManager may recover it.
   *
   * @param silence why Flink can't report it
   */
  StopResult proveWithoutFlink(Journal journal, Journal.Entry entry, String uri, String silence)
      throws InterruptedException {
    Optional<Receipt> standing = standing(entry, uri);
    if (standing.isPresent()) {
      return stands(journal, entry.saved(uri), standing.get());
    }
    boolean transactions =
        entry.job().jobSettings(policy.settings()).sink().guarantee()
            == DeliveryGuarantee.EXACTLY_ONCE;
    Findings ended =
        Boolean.FALSE.equals(entry.highAvailability()) && transactions
            ? Findings.warning(
                ("that the job has ended was not reported by Flink (%s), but by the brokers: they ended the "
                        + "savepoint's transactions and have none open")
                    .formatted(silence))
            : Findings.problem(
                Problem.Code.NOT_ENDED,
                ("that the job has ended is not proved, as Flink does not answer (%s) and %s: make sure that it does "
                        + "not run before you resume; the same command proves it again when a JobManager answers")
                    .formatted(
                        silence,
                        transactions
                            ? "another JobManager may have recovered it"
                            : "a job that writes without transactions leaves no sign of its end"));
    return prove(journal, entry, uri, StopResult.Kind.PROVED, null, ended, false);
  }

  /**
   * The receipt of this very stop that is there already, for example from a tool that was killed
   * before it could record that the stop is over. If it says proved, a new proof would have less
   * evidence.
   */
  Optional<Receipt> written(Journal.Entry entry, String uri) {
    return receipts.written(entry, uri);
  }

  private Optional<Receipt> standing(Journal.Entry entry, String uri) {
    return written(entry, uri).filter(one -> one.outcome() == StopResult.Kind.PROVED);
  }

  private StopResult stands(Journal journal, Journal.Entry entry, Receipt receipt)
      throws InterruptedException {
    log.begin(Step.RECEIPT, "finds the receipt of this stop");
    Path file = receipts.file(entry);
    try {
      journal.write(entry.over(file));
    } catch (IOException e) {
      log.progress("can't write down that the stop is over: " + e, Map.of());
    }
    return stoppedAlready(receipt, file);
  }

  /** Those resumptions from a stop's savepoint that Flink and the brokers do not deny. */
  List<Receipt.Resumption> settled(List<Receipt.Resumption> all, Journal.Entry entry, String uri)
      throws InterruptedException {
    return asked.settled(all, uri, () -> entry.job().jobSettings(policy.settings()));
  }

  /** Reports again how a finished stop ended, and ends the step. */
  StopResult stoppedAlready(Receipt receipt, Path file) throws InterruptedException {
    String missing = ReceiptCopy.putIfMissing(receipt, policy.proofPatience(), policy.keys());
    String text =
        "The job was stopped already, at %s; see %s%s"
            .formatted(
                receipt.endedAt().truncatedTo(ChronoUnit.SECONDS),
                file,
                missing.isEmpty() ? "" : ". But " + missing);
    log.ok(text);
    return StopResult.of(receipt, file, text);
  }

  private static Findings ofThoseLeftBehind(Journal.Entry entry) {
    return Findings.warnings(
        entry.behind().leftBehind().stream()
            .map(
                uri ->
                    ("this stop had made the savepoint %s before, after which the job was found to run: nothing is "
                            + "resumed from that one")
                        .formatted(uri))
            .toList());
  }

  /**
   * @param earlier the receipt of a proof that failed; null for the first proof
   * @param ended what is known of the job's end
   * @param reported whether Flink has reported that the job has ended
   */
  private StopResult prove(
      @Nullable Journal journal,
      Journal.Entry entry,
      String uri,
      StopResult.Kind wanted,
      @Nullable Receipt earlier,
      Findings ended,
      boolean reported)
      throws InterruptedException {
    Receipt before = earlier != null ? earlier : written(entry, uri).orElse(null);
    SnapshotProof proof = steps.open(SnapshotProof.NONE.with(ended), uri);
    Snapshot snapshot = proof.snapshot();
    List<Receipt.Resumption> since = List.of();
    try {
      since =
          settled(
              ReceiptCopy.resumptions(snapshot, policy.proofPatience(), policy.keys()), entry, uri);
    } catch (IOException e) { // Of a first proof most likely there is no copy yet.
      String why = String.valueOf(e.getMessage());
      proof =
          proof.with(
              earlier != null
                  ? Findings.problem(Problem.Code.NOT_FOUND_OUT, why)
                  : Findings.warning(why));
    }
    if (earlier != null && !since.isEmpty()) {
      return resumed(entry, earlier, since);
    }
    proof = committed(proof, entry, wanted, before, since);
    if (snapshot == null) {
      log.skipped(Step.SANE, "the savepoint can't be read");
    } else {
      if (earlier == null) { // Else there is a receipt that says unproved, and more.
        writeUnfinished(entry, snapshot, proof, reported);
      }
      Path own = journal != null ? null : receipts.file(entry).getParent();
      proof = steps.sane(proof, snapshot, entry, own);
    }
    proof = proof.with(ofThoseLeftBehind(entry));
    boolean refuted = !proof.findings().problems().isEmpty();
    StopResult.Kind reached = refuted ? StopResult.Kind.UNPROVED : wanted;
    Receipt receipt =
        KeptReceipt.with(
            receipts.make(
                reached, entry, proof, uri, earlier == null ? List.of() : earlier.steps()),
            since);
    String text =
        reported
            ? Verdicts.text(receipt, uri)
            : "Of job %s, whose stop was begun at %s: %s"
                .formatted(
                    entry.job().id(),
                    entry.startedAt(),
                    refuted ? Verdicts.untold(receipt, uri) : Verdicts.text(receipt, uri));
    return write(journal, entry.saved(uri), snapshot, receipt, text, reported);
  }

  /**
   * @param before a receipt of the savepoint; null if there is none
   * @param since resumptions from the savepoint, after which brokers tell nothing of the stop
   */
  private SnapshotProof committed(
      SnapshotProof proof,
      Journal.Entry entry,
      StopResult.Kind wanted,
      @Nullable Receipt before,
      List<Receipt.Resumption> since)
      throws InterruptedException {
    if (!since.isEmpty()) {
      log.skipped(Step.COMMITTED, ReceiptCopy.inWords(since));
      return proof.with(new Problem(Problem.Code.NOT_ENDED, ReceiptCopy.inWords(since)));
    }
    boolean failed = wanted == StopResult.Kind.FAILED_WHILE_STOPPING;
    SnapshotProof asked = proof;
    if (failed && proof.snapshot() == null) {
      log.skipped(Step.COMMITTED, "the savepoint can't be read");
    } else {
      asked = steps.committed(proof, entry, failed, before);
    }
    return before != null && asked.transactions().isEmpty() // The brokers were not asked.
        ? asked.with(before.transactions())
        : asked;
  }

  /** The receipt of the proof that failed stands, with the resumptions. */
  private StopResult resumed(Journal.Entry entry, Receipt earlier, List<Receipt.Resumption> since) {
    log.begin(Step.RECEIPT, "leaves the receipt as it is");
    Path file = receipts.file(entry);
    Receipt longer = KeptReceipt.with(earlier, since);
    try {
      longer = receipts.write(file, longer);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the resumption could not be written into {0}: {1}", file, e);
    }
    String text =
        "The proof of the stop had failed (%s), and it is not proved again: %s"
            .formatted(
                Unasked.shown(String.join("; ", earlier.problems())), ReceiptCopy.inWords(since));
    log.failed(text);
    return StopResult.of(longer, file, text);
  }

  /**
   * Writes what is known before the savepoint is read, which takes long: a tool that is killed
   * meanwhile thus leaves a receipt, which says that nothing is proved yet, and which {@code
   * verify} completes, if Flink has reported that the job has ended. The journal still says that
   * the stop is under way.
   */
  private void writeUnfinished(
      Journal.Entry entry, Snapshot snapshot, SnapshotProof proof, boolean reported) {
    List<StoredFile> files = snapshot.files();
    Problem unread =
        new Problem(
            Problem.Code.NOT_FOUND_OUT,
            ("the proof has not come to its end: the savepoint's %s files, %,d bytes, and its models "
                    + "have not been read yet; %sthe same stop again completes it")
                .formatted(
                    files.size(),
                    files.stream().mapToLong(StoredFile::bytes).sum(),
                    reported ? "'sluice verify' with this receipt or " : ""));
    Receipt receipt =
        receipts
            .make(StopResult.Kind.UNPROVED, entry, proof.with(unread), snapshot.uri(), List.of())
            .ofUnfinishedProof();
    Path file = receipts.file(entry);
    try {
      Receipt unused = receipts.write(file, receipt);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "no receipt could be written to {0} before the proof: {1}", file, e);
    }
  }

  /** Reports what is left of a cancelled job. */
  StopResult cancelled(
      Journal journal, Journal.Entry entry, Escalation.Cancelled cancelled, String reason)
      throws InterruptedException {
    KeptCheckpoint kept = KeptCheckpoint.of(cancelled.checkpoint(), policy.proofPatience());
    SnapshotProof proof =
        kept.in(
                SnapshotProof.NONE.with(Findings.warning("there is no savepoint: " + reason)),
                policy.proofPatience())
            .with(ofThoseLeftBehind(entry));
    log.skipped(Step.COMMITTED, "nothing was committed at the end");
    log.skipped(Step.SANE, "there is no savepoint to read");
    Receipt receipt = receipts.make(StopResult.Kind.ESCALATED, entry, proof, kept.uri(), List.of());
    return write(
        journal,
        entry,
        proof.snapshot(),
        receipt,
        "The job was cancelled (%s). %s".formatted(reason, kept.text()),
        true);
  }

  /**
   * @param journal null if the stop is over for it
   * @param reported whether Flink has reported that the job has ended
   */
  private StopResult write(
      @Nullable Journal journal,
      Journal.Entry entry,
      @Nullable Snapshot snapshot,
      Receipt receipt,
      String text,
      boolean reported)
      throws InterruptedException {
    log.begin(Step.RECEIPT, "writes the receipt");
    Path file = receipts.file(entry);
    Receipt written;
    try {
      written = receipts.write(file, receipt);
      if (journal != null) {
        journal.write(entry.over(file));
      }
    } catch (IOException e) {
      String lost = "the receipt could not be written to %s: %s".formatted(file, e);
      log.failed(lost);
      String both =
          "%s. But %s; the same command writes it again, with --receipt elsewhere"
              .formatted(text, lost);
      return reported
          ? StopResult.of(StopResult.Kind.UNPROVED, receipt, file, both)
          : StopResult.of(StopResult.Kind.NOT_KNOWN, both);
    }
    String sibling = receipts.writeCopy(written, snapshot);
    log.ok(sibling.isEmpty() ? file.toString() : file + ", " + sibling);
    return reported || receipt.outcome() != StopResult.Kind.UNPROVED
        ? StopResult.of(written, file, text)
        : StopResult.of(StopResult.Kind.NOT_KNOWN, "%s. The receipt is %s".formatted(text, file));
  }
}

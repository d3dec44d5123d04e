package dev.sluice.tool.resume;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.Receipt.Resumption;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.stop.KeptReceipt;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes a resumption into the receipt and into its copy next to the snapshot, at each step of it:
 * a tool that dies leaves a job running, and the next stop, proof, resume or audit relies on the
 * receipt.
 *
 * <p>The job's id is known before Flink is asked for the job, so it is recorded before. What Flink
 * refuses is taken out again (where that fails, a message says that it stays), and what is not
 * known stays: the next resume asks for the same id, and then it is known. Only a caller without a
 * signing key, for a signed receipt, writes nothing before the job is accepted: it would end the
 * signature of a receipt from which no one has resumed.
 *
 * <p>A receipt that can't be written hinders no resume. Used by one thread.
 */
final class ResumptionRecord {

  private static final String UNTOLD = "does not record the resumption";
  private static final String STAYS =
      "still records a resumption that Flink has refused, until the next resume settles it";

  private final ResumePolicy policy;
  private final Resumable from;
  private final Finding finding;
  private final Consumer<String> progress;
  private final Time time;

  private @Nullable Resumption asked;

  /** Whether the last change was written into the receipt that was named. */
  private boolean inFile;

  /** Whether it was written into the copy next to the snapshot. */
  private boolean inCopy;

  private ReceiptKeys keys;
  private boolean unsigned;

  /**
   * @param progress receives what can't be written before the job continues, a sentence each
   */
  ResumptionRecord(
      ResumePolicy policy, Resumable from, Finding finding, Consumer<String> progress, Time time) {
    this.time = time;
    this.policy = policy;
    this.from = from;
    this.finding = finding;
    this.progress = progress;
    this.keys = policy.keys();
  }

  /** Flink is about to be asked for a job. */
  void asks(String jobId) throws InterruptedException {
    Resumption one = resumption(jobId, Resumption.State.ASKED, from.parallelism(policy));
    if (!endsSignature()) {
      asked = one;
      tell(write(all -> Resumptions.with(all, one)));
    } else {
      tell(
          "the signature of the receipt ends when Flink takes the job: only --sign could sign the resumption"
              + kept());
    }
  }

  /** Where the receipt is as it was signed, as the end of a sentence. */
  private String kept() {
    Path file = from.receiptFile();
    return "; as it was signed it is in "
        + (file == null
            ? from.snapshot().uri() + "/" + KeptReceipt.SIGNED_BESIDE
            : ReceiptFile.signedCopy(file));
  }

  /** Flink has taken it. */
  void isTaken(String jobId) throws InterruptedException {
    Resumption one = resumption(jobId, Resumption.State.SUBMITTED, from.parallelism(policy));
    tell(write(all -> Resumptions.with(all, one)));
  }

  /** Flink has refused it, or was not reached. */
  void isRefused() throws InterruptedException {
    Resumption one = asked;
    if (one != null) {
      asked = null;
      tell(write(all -> Resumptions.without(all, one), STAYS, inFile, inCopy));
    }
  }

  /**
   * Flink has, or has had, a job of this id, which is none of this resume: only a resumption of
   * this snapshot has it.
   */
  void isAnothers(String jobId) throws InterruptedException {
    Resumption one = asked;
    asked = null;
    Resumption theirs = resumption(jobId, Resumption.State.SUBMITTED, from.parallelism(policy));
    if (!endsSignature()) {
      tell(
          write(
              all -> {
                List<Resumption> others = one == null ? all : Resumptions.without(all, one);
                boolean progress =
                    others.stream()
                        .anyMatch(
                            each ->
                                each.jobId().equals(jobId)
                                    && each.state() != Resumption.State.ASKED);
                return progress ? others : Resumptions.with(others, theirs);
              }));
    }
  }

  /**
   * The job continues.
   *
   * @return what to report of the receipt, as the end of a sentence
   */
  String runs(String jobId, int parallelism) throws InterruptedException {
    Resumption one = resumption(jobId, Resumption.State.RUNS, parallelism);
    String why = write(all -> Resumptions.with(all, one));
    if (!why.isEmpty()) {
      return ". %s: the next stop may have no counters to compare with".formatted(why);
    }
    return unsigned
        ? ". The receipt says so, and is not signed any more: only --sign could have signed it again"
            + kept()
        : "";
  }

  private Resumption resumption(String jobId, Resumption.State state, int parallelism) {
    return new Resumption(
        time.now(), jobId, parallelism, finding.toRead(), finding.replayed(), state);
  }

  private boolean endsSignature() {
    Path file = from.receiptFile();
    return !unsigned
        && isOfTheSnapshot()
        && !policy.keys().canSign()
        && (from.claimsSignature() || (file != null && ReceiptFile.isSigned(file)));
  }

  private void tell(String why) {
    if (!why.isEmpty()) {
      progress.accept(why);
    }
  }

  /** Of a snapshot that no stop has made there is no receipt, and one that heals has its own. */
  private boolean isOfTheSnapshot() {
    Receipt receipt = from.receipt();
    return receipt != null
        && receipt.snapshot() != null
        && receipt.snapshot().uri().equals(from.snapshot().uri());
  }

  private String write(UnaryOperator<List<Resumption>> change) throws InterruptedException {
    return write(change, UNTOLD, true, true);
  }

  /**
   * Changes the receipt that was named and its copy next to the snapshot.
   *
   * @param wrong what a receipt does that can't be written
   * @param file whether the receipt that was named does so
   * @param copy whether its copy does
   * @return why one of them is as it was; empty if none is
   */
  private String write(
      UnaryOperator<List<Resumption>> change, String wrong, boolean file, boolean copy)
      throws InterruptedException {
    inFile = false;
    inCopy = false;
    Receipt receipt = from.receipt();
    if (receipt == null || !isOfTheSnapshot()) {
      return "";
    }
    boolean ends = endsSignature();
    String why = "";
    Receipt longer = receipt.resumedAs(change.apply(receipt.resumptions()));
    Path named = from.receiptFile();
    try {
      if (named != null) {
        if (ends && ReceiptFile.isSigned(named)) {
          ReceiptFile.keepSigned(named);
        }
        longer = KeptReceipt.change(change, named, receipt, policy.journal(), keys, time);
        inFile = true;
      }
    } catch (IOException e) {
      why =
          file
              ? "The receipt %s, for it can't be written (%s)".formatted(wrong, e.getMessage())
              : "";
    }
    try {
      if (ends && !inFile) {
        KeptReceipt.keepSignedBeside(from.snapshot());
      }
      KeptReceipt.changeBeside(change, from.snapshot(), longer, keys);
      inCopy = true;
    } catch (IOException | UncheckedIOException e) {
      String its =
          "the copy of the receipt next to the snapshot %s (%s)".formatted(wrong, e.getMessage());
      if (copy) {
        why = why.isEmpty() ? "T" + its.substring(1) : why + ", and " + its;
      }
    }
    if (ends && (named == null ? inCopy : inFile)) {
      unsigned = true;
      keys = ReceiptKeys.NONE; // What this tool has written itself bears no signature.
    }
    return why;
  }
}

package dev.sluice.tool.stop;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.ModelCheck;
import dev.sluice.tool.savepoint.SavedCommands;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Stores;
import dev.sluice.tool.savepoint.WholeRead;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a stop that prove it. Each takes what is proved so far and returns that with what it
 * has found; what can't be found out is a problem, too, and what was read before stays.
 */
record ProofSteps(ToolServices services, StopPolicy policy, StopLog log) {

  private static final long MEGABYTE = 1_000_000;

  /** What a resume finds committed, or commits. */
  private static final Set<Fate> RESUMABLE = Set.of(Fate.COMMITTED, Fate.OPEN, Fate.ENDING);

  private static final Problem NOT_DRAINED =
      new Problem(
          Problem.Code.DRAINED,
          "the savepoint is not drained, as --drain would have it: the stop that Flink carried out was "
              + "asked for by somebody else. The savepoint can be resumed");

  private static final Findings AT_LEAST_ONCE =
      Findings.warning(
          "the job writes at least once, not exactly once: its answers are in the topics, some maybe twice");

  /** Opens the snapshot, if it can be. */
  SnapshotProof open(SnapshotProof proof, String uri) throws InterruptedException {
    try {
      Snapshot opened = Snapshot.open(uri, policy.proofPatience());
      return proof.with(opened, Stores.asked(policy.proofPatience(), opened::sourceOffsets));
    } catch (IOException | UncheckedIOException e) {
      return proof.with(Problem.unread(e));
    }
  }

  /**
   * Asks the brokers for the fates of the snapshot's transactions. Of a job that has finished also
   * whether it still has an open one; of one that failed while it stopped, whether the resume can
   * still commit what the job could not, because a commit that is impossible also fails the job.
   *
   * @param earlier a receipt of the same savepoint; null if there is none
   */
  SnapshotProof committed(
      SnapshotProof before, Journal.Entry entry, boolean failed, @Nullable Receipt earlier)
      throws InterruptedException {
    log.begin(
        Step.COMMITTED,
        failed
            ? "asks the brokers whether a transaction of the savepoint is lost"
            : "asks the brokers for every transaction of the savepoint");
    SnapshotProof proof = before;
    String found = "nothing to commit: the job writes without transactions";
    try {
      JobSettings settings = entry.job().jobSettings(policy.settings());
      if (settings.sink().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
        proof = proof.with(failed ? Findings.NONE : AT_LEAST_ONCE);
        return ended(before, proof.with(Findings.notProved(Verdicts.ANSWERS)), found);
      }
      Duration most = policy.proofPatience();
      try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
        CommitCheck check = new CommitCheck(brokers, settings, services.time(), most);
        ClusterMatch match = check.match(entry.job().kafkaClusterId());
        proof = proof.with(match);
        if (match instanceof ClusterMatch.Other) {
          return ended(before, proof, ""); // They are asked nothing.
        }
        Snapshot of = proof.snapshot();
        if (of != null) {
          List<PendingTransaction> held = Stores.asked(most, of::committables);
          Map<PendingTransaction, Fate> fates =
              failed ? check.fates(held) : check.settledFates(held);
          proof =
              proof.with(
                  TransactionProof.of(held, fates, earlier),
                  failed ? RESUMABLE : Set.of(Fate.COMMITTED));
        }
        proof = failed ? proof : proof.with(Findings.problems(check.stillOpen()));
        found =
            failed
                ? "the job failed before it could commit everything; the resume commits the rest"
                : inWords(of, proof.transactions().size());
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException | SettingsException e) {
      proof = proof.with(Problem.notFoundOut(e));
    }
    return ended(before, proof, found);
  }

  private static String inWords(@Nullable Snapshot of, int committed) {
    String held =
        committed == 0
            ? "the savepoint leaves no transaction to commit"
            : "%1$s of %1$s transactions of the savepoint are committed".formatted(committed);
    return "%s, none is open, every output can be read to its end"
        .formatted(
            of == null
                ? "which transactions the savepoint holds is not known, for it can't be read"
                : held);
  }

  /**
   * Reads the snapshot whole, every file and every model, and compares its counters with those of
   * the stop before.
   *
   * @param own the directory of the receipt that is proved again; null if only the journal counts
   */
  SnapshotProof sane(
      SnapshotProof before, Snapshot snapshot, Journal.Entry entry, @Nullable Path own)
      throws InterruptedException {
    log.begin(Step.SANE, "reads the savepoint");
    Duration most = policy.proofPatience();
    boolean drained = snapshot.kind() == Kind.DRAINED;
    SnapshotProof proof = before;
    String found = "";
    try {
      WholeRead.Result read = WholeRead.of(snapshot, most, this::showProgress);
      proof = proof.with(FileProof.of(read.files()), snapshot.kind(), entry.drain() && drained);
      proof = proof.with(ModelProof.of(read, proof.files()));
      ModelCheck judged = proof.models().judged();
      SavedCommands commands = judged == null ? null : Stores.asked(most, snapshot::commands);
      if (entry.drain() && !drained) {
        proof = proof.with(NOT_DRAINED);
      }
      EarlierReceipts.Found last = new EarlierReceipts(policy.journal(), own).of(entry);
      proof = proof.with(last.findings());
      if (judged != null && commands != null) {
        found = inWords(proof.files(), judged, commands);
        Optional<ReceiptFolder.Kept> compared = last.before();
        if (compared.isPresent()) {
          CounterComparison.Result result =
              new CounterComparison(judged.lasting(), commands, entry.job().settings(), most)
                  .with(compared.get());
          proof = proof.with(result.findings());
          compared = compared.filter(one -> result.compared());
        }
        found = EarlierReceipts.inWords(found, compared);
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException | SettingsException e) {
      proof = proof.with(Problem.notFoundOut(e));
    }
    return ended(before, proof, found);
  }

  /** For models that are all sound. */
  private static String inWords(FileProof files, ModelCheck judged, SavedCommands commands) {
    return "%s files, %,d bytes; %,d models, %,d outcomes learned, all sound%s"
        .formatted(
            files.files().size(),
            files.bytes(),
            judged.totals().keys(),
            judged.totals().updates(),
            CounterNote.inWords(commands, judged.lasting()));
  }

  private void showProgress(long done, long all) {
    log.progress(
        String.format(
            Locale.ROOT, "%,d of %,d MB read", done / MEGABYTE, Math.max(1, all / MEGABYTE)),
        Map.of("bytesRead", done, "bytesToRead", all));
  }

  /** Ends the step: it has failed if it has found a problem. */
  private SnapshotProof ended(SnapshotProof before, SnapshotProof after, String found) {
    List<String> problems = after.findings().problemTexts();
    int already = before.findings().problems().size();
    if (problems.size() == already) {
      log.ok(found);
    } else {
      log.failed(String.join("; ", problems.subList(already, problems.size())));
    }
    return after;
  }
}

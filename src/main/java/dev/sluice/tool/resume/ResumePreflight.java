package dev.sluice.tool.resume;

import dev.sluice.fence.FenceMode;
import dev.sluice.fence.FenceSettings;
import dev.sluice.fence.RestorePreview;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.ledger.Verdict;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.broker.LimitedClients;
import dev.sluice.tool.broker.Waiting;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Snapshot.SavedFence;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.savepoint.UnreadModelsException;
import dev.sluice.tool.savepoint.WholeRead;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.FileProof;
import dev.sluice.tool.stop.Problem;
import dev.sluice.tool.stop.TransactionProof;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;

/** Checks before a resume whether it would lose or double anything; touches nothing. */
final class ResumePreflight {

  /** How long a snapshot's file system may take to answer. */
  static final Duration FILES = Duration.ofSeconds(30);

  private static final int RANGES = 10;

  private final ToolServices services;
  private final RunningCopies copies;
  private final Consumer<String> progress;
  private final @Nullable Receipt proof;
  private final List<String> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** The fates of the snapshot's transactions. */
  private TransactionProof fates = TransactionProof.NONE;

  private Waiting waiting = Waiting.NONE;
  private long replayed;
  private long missing;

  /**
   * @param proof for which this process has just read a snapshot whole; null for none
   * @param progress receives what takes a while, a sentence each
   */
  ResumePreflight(
      ToolServices services,
      RunningCopies copies,
      @Nullable Receipt proof,
      Consumer<String> progress) {
    this.services = services;
    this.proof = proof;
    this.copies = copies;
    this.progress = progress;
  }

  /**
   * Checks everything that can be checked before the job runs.
   *
   * @param fork whether it will run alongside the job that made the snapshot
   * @param mayRun a job that may still run, because it will be stopped first; empty for none
   * @param ended the last checkpoint of a run that was stopped just now; 0 if there is none
   * @throws IOException if something can't be found out
   */
  Finding look(Resumable from, boolean fork, String mayRun, long ended)
      throws IOException, InterruptedException {
    Snapshot snapshot = from.snapshot();
    if (from.receipt() != null) {
      notes.addAll(Unasked.warnings(from.receipt()));
      notes.addAll(from.signed() ? FileProof.signatureNotes(from.receipt()) : List.of());
      if (!from.unfinished().isEmpty()) {
        refusals.add(from.unfinished());
        return Finding.refused(snapshot.uri(), refusals, notes);
      }
    }
    if (snapshot.kind() == Kind.DRAINED) {
      refusals.add(
          RefusalCode.RESUME_DRAINED.in(
              ("%s is drained: every timer was fired, so whatever waited for its other half was given up; the "
                      + "outcomes of those observations would become dead letters, and no model would learn from them. "
                      + "Resume from a snapshot that was taken before, whatever was answered since is not "
                      + "answered twice")
                  .formatted(snapshot.uri())));
    }
    if (fork && !from.sharedOutputs().isEmpty()) {
      refusals.add(
          RefusalCode.RESUME_SHARED_TOPICS.in(
              ("a second copy would write to %s, where the first one writes: every input would be answered twice. "
                      + "Give it topics of its own with --sluice.topics.predictions and the others")
                  .formatted(from.sharedOutputs())));
    }
    if (!isWhole(from)) {
      return Finding.refused(snapshot.uri(), refusals, notes);
    }
    JobSettings settings = from.jobSettings();
    refusals.addAll(from.otherSettings());
    if (!refusals.isEmpty()) {
      return Finding.refused(snapshot.uri(), refusals, notes);
    }
    copies
        .find(settings, mayRun)
        .forEach(copy -> refusals.add(RefusalCode.RESUME_COPY_RUNS.in(copy.why())));
    notes.addAll(copies.notes());
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      brokers.ping();
      if (isOtherCluster(brokers.match(from.kafkaClusterId()), fork)) {
        return Finding.refused(snapshot.uri(), refusals, notes);
      }
      input(snapshot, settings, brokers);
      if (!fork) {
        transactions(snapshot, brokers);
      }
      boolean watched =
          mayRun.isEmpty()
              && refusals.isEmpty() // a copy that is known need not be waited for
              && settings.sink().guarantee() == DeliveryGuarantee.EXACTLY_ONCE;
      if (watched) {
        new RemoteCopyCheck(copies, progress, refusals, notes, services.time())
            .look(from, settings, brokers, ended);
      }
    }
    if (!fork) {
      output(snapshot, settings);
    }
    return new Finding(snapshot.uri(), refusals, notes, waiting, replayed, missing, null);
  }

  /** Reads everything, unless this process did so a moment ago and it is as it was. */
  private boolean isWhole(Resumable from) throws IOException, InterruptedException {
    List<Receipt.StoredFile> known = proof == null ? List.of() : from.filesOf(proof);
    if (!known.isEmpty()) {
      return isComplete(from, FileProof.of(SnapshotFiles.asRead(from.snapshot(), known, FILES)));
    }
    WholeRead.Result read = WholeRead.of(from.snapshot(), FILES, ReadProgress.NONE);
    return isComplete(from, FileProof.of(read.files())) && isSound(read);
  }

  /** Before anything else: nothing more can be read of an incomplete snapshot. */
  private boolean isComplete(Resumable from, FileProof check) {
    int before = refusals.size();
    for (Problem problem : check.problems()) {
      refusals.add(
          problem.code() == Problem.Code.UNDECIDED
              ? RefusalCode.NO_ANSWER.in(
                  "%s. Nothing is known to be wrong with it: give the same command again once its file system answers"
                      .formatted(problem.text()))
              : RefusalCode.RESUME_INCOMPLETE.in(
                  "the snapshot is incomplete: %s. Resume from another one"
                      .formatted(problem.text())));
    }
    if (check.problems().isEmpty()) {
      from.changedFiles(check.files())
          .forEach(why -> refusals.add(RefusalCode.RESUME_CHANGED.in(why)));
    }
    return refusals.size() == before;
  }

  /** Whatever else is found out, unsound models must not be resumed. */
  private boolean isSound(WholeRead.Result read) throws IOException {
    int before = refusals.size();
    try {
      for (String problem : read.models().problems()) {
        String why = "%s. Resume from a snapshot that was taken before".formatted(problem);
        refusals.add(RefusalCode.RESUME_UNSOUND.in(why));
      }
    } catch (UnreadModelsException e) {
      notes.add("its models were not checked: " + e.getMessage());
    }
    return refusals.size() == before;
  }

  /** Offsets and transactions of a snapshot mean something in the cluster of its job alone. */
  private boolean isOtherCluster(ClusterMatch match, boolean fork) {
    if (match instanceof ClusterMatch.Unknown unknown) {
      notes.add("not proved: " + unknown.clause());
    }
    if (!(match instanceof ClusterMatch.Other other)) {
      return false;
    }
    if (fork) {
      notes.add(other.words());
      return false;
    }
    refusals.add(
        RefusalCode.RESUME_SETTINGS.in(
            ("%s, nor of its snapshot. Give settings of the job's cluster; if another one is meant,"
                    + " submit the job with 'flink run -s'")
                .formatted(other.words())));
    return true;
  }

  private void input(Snapshot snapshot, JobSettings settings, Brokers brokers)
      throws IOException, InterruptedException {
    SortedMap<Partition, Long> beginnings = brokers.beginnings(settings.topics().inputs());
    SortedMap<Partition, Long> ends = brokers.ends(settings.topics().inputs());
    SortedMap<Partition, Long> unread = new TreeMap<>();
    snapshot
        .sourceOffsets()
        .forEach(
            (p, offset) -> {
              Long begin = beginnings.get(p);
              Long end = ends.get(p);
              if (!settings.topics().inputs().contains(p.topic())) {
                refusals.add(
                    RefusalCode.RESUME_SETTINGS.in(
                        ("%s, of which %s records were read, is none of the input topics that the settings name "
                                + "(%s), and the job would also continue to read it: name its topics")
                            .formatted(p, offset, settings.topics().inputs())));
              } else if (begin == null || end == null) {
                refusals.add(
                    RefusalCode.RESUME_INPUT_GONE.in(
                        "input partition %s, of which %s records were read, is not there any more"
                            .formatted(p, offset)));
              } else if (begin > offset) {
                (settings.input().skipDeleted() ? notes : refusals)
                    .add(
                        RefusalCode.RESUME_INPUT_GONE.in(
                            ("%,d inputs of %s that were not answered are deleted (retention): the snapshot "
                                    + "continues at offset %s, the partition begins at %s. They are lost; to continue "
                                    + "without them say --sluice.source.skip-deleted-inputs true")
                                .formatted(begin - offset, p, offset, begin)));
                unread.put(p, begin);
              } else if (end < offset) {
                refusals.add(
                    RefusalCode.RESUME_INPUT_GONE.in(
                        ("input partition %s ends at %s, but the snapshot continues at %s: the topic was created "
                                + "again, and other records would be read")
                            .formatted(p, end, offset)));
              } else {
                unread.put(p, offset);
              }
            });
    ends.forEach(
        (p, end) -> {
          if (!snapshot.sourceOffsets().containsKey(p)) {
            added(p, snapshot, settings, beginnings.getOrDefault(p, 0L));
            unread.put(p, beginnings.getOrDefault(p, 0L));
          }
        });
    count(unread, brokers);
  }

  /** A user who may not read the input may resume all the same. */
  private void count(SortedMap<Partition, Long> unread, Brokers brokers)
      throws InterruptedException {
    try {
      waiting = brokers.waiting(unread);
    } catch (IOException e) {
      waiting = Waiting.UNKNOWN;
      notes.add(
          "how many inputs wait is not known, and the resume does not see to it that the job reads any: %s"
              .formatted(e.getMessage()));
    }
  }

  /** As the job's source will judge it: nothing is missing of a topic that is new to the job. */
  private void added(Partition p, Snapshot snapshot, JobSettings settings, long begin) {
    boolean ofTheJob =
        snapshot.sourceOffsets().keySet().stream().anyMatch(k -> k.topic().equals(p.topic()));
    if (begin == 0 || !ofTheJob) {
      notes.add("%s is new and will be read from its beginning".formatted(p));
    } else {
      (settings.input().skipDeleted() ? notes : refusals)
          .add(
              ("%s is new, and its first %,d records, inputs that were not answered, are deleted (retention). They "
                      + "are lost; to continue without them say --sluice.source.skip-deleted-inputs true")
                  .formatted(p, begin));
    }
  }

  /** Distinguishes the warnings of a good resume from those of a loss. */
  private void transactions(Snapshot snapshot, Brokers brokers)
      throws IOException, InterruptedException {
    List<PendingTransaction> pending = snapshot.committables();
    if (pending.isEmpty()) {
      return;
    }
    fates = TransactionProof.of(pending, brokers.fates(pending), null);
    long committed = fates.count(Fate.COMMITTED);
    long open = fates.count(Fate.OPEN, Fate.ENDING);
    if (committed == pending.size()) {
      progress.accept(
          ("finds all %s transactions of the snapshot committed; Flink tries them again and logs a "
                  + "ProducerFencedException for each, which is harmless here")
              .formatted(committed));
    } else if (committed > 0) {
      notes.add(
          ("%s of the snapshot's %s transactions are committed already. Flink will try them once more and warn of "
                  + "a ProducerFencedException that 'most likely signals data loss': for these it is harmless, the "
                  + "brokers have them as committed")
              .formatted(committed, pending.size()));
    }
    long forgotten = fates.count(Fate.EXPIRED);
    if (forgotten > 0) {
      notes.add(
          ("the brokers have forgotten %s of its transactions (transactional.id.expiration.ms). Flink will try "
                  + "them once more and log an InvalidPidMappingException; whether their answers are there is "
                  + "judged by "
                  + "the output")
              .formatted(forgotten));
    }
    if (open > 0) {
      notes.add("%s of its transactions are still open and will be committed".formatted(open));
    }
  }

  private void output(Snapshot snapshot, JobSettings settings)
      throws IOException, InterruptedException {
    Optional<SavedFence> saved = snapshot.fence();
    if (saved.isEmpty()) {
      notes.add(
          "the snapshot is of a job without a restore fence: it is not known what is missing or doubled");
      return;
    }
    RestorePreview.Result foreseen = foresee(saved.get(), settings);
    Verdict verdict = foreseen.verdict();
    for (String problem : verdict.problems()) {
      refusals.add(
          RefusalCode.RESUME_OUTPUT_GONE.in(
              "the output no longer covers what would be replayed: %s. Resume from a newer snapshot"
                  .formatted(problem)));
    }
    replayed = foreseen.suppressedAnswers();
    givenAgain(settings.sink().fence().mode());
    missing = verdict.allMissing().size();
    if (foreseen.isUndecided() && mayYetCome()) {
      notes.add(
          ("%,d answers are not committed yet, and transactions are open that may hold them (%s); the restore "
                  + "fence decides once they have ended")
              .formatted(missing, String.join("; ", foreseen.heldBack().values())));
      missing = 0;
    }
    if (missing > 0) {
      refusals.add(
          RefusalCode.RESUME_ANSWERS_MISSING.in(
              ("%s answers that the snapshot counts as given were never committed: their transaction was aborted "
                      + "or has expired. Missing by input: %s")
                  .formatted(howMany(foreseen), verdict.allMissing().ranges(RANGES))));
    }
  }

  /** Some of them may be behind an open transaction, committed but not readable yet. */
  private String howMany(RestorePreview.Result foreseen) {
    return foreseen.heldBack().isEmpty()
        ? "%,d".formatted(missing)
        : "Up to %,d".formatted(missing);
  }

  /**
   * Whether answers that are not readable yet may be there once open transactions have ended: no
   * matter which job's these are, because one of another job hides what is behind it. Not if a
   * transaction of the snapshot was aborted, because waiting does not bring its answers; nor if the
   * brokers have forgotten them all, because they ended long before any currently open one began.
   */
  private boolean mayYetCome() {
    int all = fates.all().size();
    boolean forgotten = all > 0 && fates.count(Fate.EXPIRED) == all;
    return fates.count(Fate.ABORTED) == 0 && !forgotten;
  }

  private void givenAgain(FenceMode mode) {
    if (replayed == 0 || mode == FenceMode.SUPPRESS) {
      return;
    }
    refusals.add(
        RefusalCode.RESUME_ANSWERS_DOUBLED.in(
            ("%,d answers are committed beyond the snapshot, and sluice.restore-fence is %s: %s. Resume the newest "
                    + "snapshot, or this one with --sluice.restore-fence suppress")
                .formatted(
                    replayed,
                    mode == FenceMode.FAIL ? "fail" : "off",
                    mode == FenceMode.FAIL
                        ? "the job would refuse it"
                        : "they would be given a second time")));
  }

  static RestorePreview.Result foresee(SavedFence saved, JobSettings settings)
      throws IOException, InterruptedException {
    FenceSettings fence = settings.fenceSettings("");
    LimitedClients.limitLogin(fence.client(), ToolServices.ANSWER);
    return RestorePreview.of(fence, saved.note(), saved.open(), saved.ahead());
  }
}

package dev.sluice.tool.resume;

import dev.sluice.tool.broker.Patience;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.refusal.SilentException;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.FileCheck;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.savepoint.UnreadFileException;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a job would be resumed from if nothing else is known than its name: the newest
 * checkpoint that a run of it has left since its last stop, or else the snapshot of that stop, or
 * of the previous one. A run is known from the receipt that it was resumed from, or from Flink.
 *
 * @param journal the directory of receipts
 * @param progress receives what is skipped and why, a sentence each
 */
public record Latest(JobManager flink, Path journal, Consumer<String> progress, Time time) {

  /** The steps of a stop that are not repeated when it is proved again. */
  private static final Set<String> BEFORE_THE_PROOF =
      Set.of(Step.REQUEST.code(), Step.SAVEPOINT.code(), Step.FINISHED.code());

  /**
   * What was found.
   *
   * @param from a receipt's file or a snapshot's URI
   * @param receipt the last one of the job, whose settings those of a checkpoint are; null if there
   *     is none
   */
  public record Found(String from, @Nullable Receipt receipt) {}

  /**
   * Finds it, and makes sure that every file of it is there.
   *
   * @param job its name, or the id of one of its runs
   * @throws IOException if nothing is found, or Flink can't be asked where checkpoints are
   */
  public Found find(String job) throws IOException, InterruptedException {
    ReceiptFolder folder = ReceiptFolder.read(journal);
    folder.passedOver().forEach(why -> progress.accept("a receipt is passed over: " + why));
    List<ReceiptFolder.Kept> stops =
        folder.kept().stream().filter(kept -> isOf(kept.receipt(), job)).toList();
    Receipt newest = stops.isEmpty() ? null : stops.get(0).receipt();
    for (String run : runsSince(job, newest)) {
      Optional<String> checkpoint = checkpoint(run);
      if (checkpoint.isPresent()) {
        return new Found(checkpoint.get(), newest);
      }
    }
    for (ReceiptFolder.Kept kept : stops) {
      Receipt.Snapshot snapshot = kept.receipt().snapshot();
      if (snapshot == null) {
        requireNothingKept(kept);
      } else if (isWhole(snapshot.uri())) {
        return new Found(kept.file().toString(), kept.receipt());
      }
    }
    throw new IOException(
        ("no snapshot of job (%s) was found: neither a receipt in %s, nor a checkpoint of a run that Flink or a "
                + "receipt names. Name one")
            .formatted(job, journal));
  }

  private static boolean isOf(Receipt receipt, String job) {
    return receipt.job().name().equals(job)
        || receipt.job().id().equals(job)
        || receipt.resumptions().stream().anyMatch(one -> one.jobId().equals(job));
  }

  /** The ids of runs that began after the last stop, the newest first. */
  private Set<String> runsSince(String job, @Nullable Receipt newest)
      throws IOException, InterruptedException {
    Set<String> runs = new LinkedHashSet<>();
    Instant since = newest == null ? Instant.MIN : jobEnded(newest);
    try {
      flink.jobs().stream()
          .filter(one -> one.name().equals(job) || one.id().equals(job))
          .filter(one -> one.startedAt().isAfter(since))
          .sorted(Comparator.comparing(JobOverview::startedAt).reversed())
          .forEach(one -> runs.add(one.id()));
    } catch (UnansweredException e) {
      progress.accept("Flink does not report later runs: " + e.getMessage());
    }
    if (newest != null) {
      newest.resumptions().stream()
          .sorted(Comparator.comparing(Receipt.Resumption::at).reversed())
          .forEach(one -> runs.add(one.jobId()));
    }
    return runs;
  }

  /**
   * When the job had ended that was stopped, as far as the receipt says. Its own end is that of the
   * last proof, which may be of a week later; and its beginning may be before that of the run, if
   * another JobManager has recovered the job while it was stopped.
   */
  private static Instant jobEnded(Receipt stop) {
    Instant ended = stop.startedAt();
    for (Receipt.StepLine line : stop.steps()) {
      Instant done = line.startedAt().plusMillis(line.durationMs());
      if (BEFORE_THE_PROOF.contains(line.step()) && done.isAfter(ended)) {
        ended = done;
      }
    }
    return ended;
  }

  /** The newest checkpoint of a run that is whole; empty if it has left none. */
  private Optional<String> checkpoint(String run) throws IOException, InterruptedException {
    Optional<String> directory;
    try {
      directory = flink.checkpointDirectory();
    } catch (FlinkException hidden) {
      progress.accept("Flink does not report where checkpoints are: " + hidden.getMessage());
      return Optional.empty();
    }
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    List<Snapshot> found = new ArrayList<>();
    for (String uri : SavepointDirectory.in(directory.get() + "/" + run)) {
      try {
        found.add(Snapshot.open(uri, ResumePreflight.FILES));
      } catch (UnreadFileException e) {
        throw unread(uri, String.valueOf(e.getMessage()));
      } catch (IOException | UncheckedIOException e) {
        progress.accept("%s is passed over: %s".formatted(uri, e.getMessage()));
      }
    }
    found.sort(Comparator.comparingLong(Snapshot::checkpointId).reversed());
    for (Snapshot one : found) {
      if (isWhole(one.uri())) {
        return Optional.of(one.uri());
      }
    }
    return Optional.empty();
  }

  private boolean isWhole(String uri) throws IOException, InterruptedException {
    try {
      Snapshot snapshot = Snapshot.open(uri, ResumePreflight.FILES);
      FileCheck files = check(snapshot);
      if (!files.unread().isEmpty()) {
        throw unread(uri, files.unread().get(0));
      }
      if (files.problems().isEmpty() && snapshot.kind() != Kind.DRAINED) {
        return true;
      }
      progress.accept(
          "%s is passed over: %s"
              .formatted(
                  uri, files.problems().isEmpty() ? "it is drained" : files.problems().get(0)));
    } catch (UnreadFileException e) {
      throw unread(uri, String.valueOf(e.getMessage()));
    } catch (BadSnapshotException | UncheckedIOException e) {
      progress.accept("%s is passed over: %s".formatted(uri, e.getMessage()));
    }
    return false;
  }

  private FileCheck check(Snapshot snapshot) throws IOException, InterruptedException {
    Patience patience = new Patience(time, ResumePreflight.FILES);
    FileCheck files = SnapshotFiles.check(snapshot);
    while (!files.unread().isEmpty() && !patience.isOver()) {
      patience.pause();
      files = SnapshotFiles.check(snapshot);
    }
    return files;
  }

  /** With an older one the job would read again, and learn again, what came since. */
  private static IOException unread(String uri, String why) {
    return new SilentException(
        RefusalCode.NO_ANSWER.in(
            ("the newest snapshot is %s, and whether it is whole is not known: %s. Give the same command again "
                    + "once its file system answers, or name the snapshot to be resumed")
                .formatted(uri, why)));
  }

  /** A stop that was escalated may have kept nothing; any other has a savepoint somewhere. */
  private static void requireNothingKept(ReceiptFolder.Kept kept) throws IOException {
    if (kept.receipt().outcome() != StopResult.Kind.ESCALATED) {
      throw new IOException(
          RefusalCode.RECEIPT_NO_SNAPSHOT.in(
              ("the newest stop's savepoint could not be opened, and its receipt %s does not name it: prove it "
                      + "with 'sluice stop', or name the snapshot to be resumed")
                  .formatted(kept.file())));
    }
  }
}

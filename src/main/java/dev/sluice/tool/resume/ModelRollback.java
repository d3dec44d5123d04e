package dev.sluice.tool.resume;

import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.savepoint.FileCheck;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.savepoint.WholeRead;
import dev.sluice.tool.savepoint.transplant.ModelTransplant;
import dev.sluice.tool.stop.FileProof;
import dev.sluice.tool.stop.StopListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the models of an older receipt under the newest offsets: stops the job, writes a new
 * savepoint with the older models and everything else of the newest one, and resumes that. Nothing
 * is read again, and nothing that was learned since is kept.
 *
 * <p>Everything that can be found out beforehand is checked before the job is stopped. Should
 * anything fail afterwards, the newest savepoint is as it was and can be resumed.
 *
 * @param rollback names the older receipt, and how the running job is stopped
 * @param onto the newest receipt, of a job that is stopped already; null if it runs
 * @param progress receives what is being done, a sentence each
 */
record ModelRollback(Rollback rollback, @Nullable Path onto, Consumer<String> progress) {

  Rollback.Result run(StopListener listener) throws IOException, InterruptedException {
    Path olderFile = Path.of(back().from());
    Receipt olderReceipt = ReceiptFile.read(olderFile, back().keys());
    Receipt newest = onto == null ? null : ReceiptFile.read(onto, back().keys());
    // What the mixed receipt takes from them goes into the journal, where it is trusted.
    back().knownPlaces().settings(olderReceipt, back().from());
    if (newest != null) {
      back().knownPlaces().settings(newest, String.valueOf(onto));
    }
    Optional<JobOverview> running = rollback.running(olderReceipt.job().name());
    Snapshot older = Snapshot.open(Resumable.uri(olderReceipt, olderFile));
    List<String> refusals = refusals(olderReceipt, older, running, newest);
    if (!refusals.isEmpty()) {
      return Rollback.Result.refused(
          RefusalCode.ROLLBACK_MODELS.in(Resume.refused(String.join(". ", refusals))));
    }
    Path undo = onto;
    if (running.isPresent()) {
      StopResult stopped = rollback.stop(running.get(), listener);
      if (!stopped.isProved()) {
        return Rollback.Result.of(stopped);
      }
      undo = stopped.receiptFile();
    }
    if (undo == null) {
      throw new IllegalStateException("a job that does not run was not refused");
    }
    Path mixed;
    try {
      mixed = mix(olderReceipt, older, undo);
    } catch (IOException | RuntimeException e) { // The job is stopped: report it, whatever it is.
      return new Rollback.Result(
          5,
          "The job is stopped, and the older models are not under its offsets: %s. Its own savepoint is as it was"
              .formatted(e.getMessage()),
          null,
          undo);
    }
    return Rollback.Result.of(
        new Resume(rollback.services(), back().of(mixed), progress).runStopped(0), undo);
  }

  private ResumePolicy back() {
    return rollback.back();
  }

  private List<String> refusals(
      Receipt olderReceipt, Snapshot older, Optional<JobOverview> running, @Nullable Receipt newest)
      throws IOException, InterruptedException {
    String name = olderReceipt.job().name();
    if (running.isPresent() && newest != null) {
      return List.of(
          "job (%s) runs, so the newest savepoint is still to be taken: leave --onto out"
              .formatted(name));
    }
    if (running.isEmpty() && newest == null) {
      return List.of(
          "no job with the name (%s) runs: name the receipt of its last stop with --onto"
              .formatted(name));
    }
    if (newest != null && !newest.job().name().equals(name)) {
      return List.of(
          "%s is of job (%s), but the older receipt is of job (%s): name two of one job"
              .formatted(onto, newest.job().name(), name));
    }
    Optional<String> obstacle =
        new SubmissionCheck(rollback.services(), back()).beforeStop(rollback.flink(), running);
    if (obstacle.isPresent()) {
      return List.of(obstacle.get());
    }
    WholeRead.Result read = WholeRead.of(older, ResumePreflight.FILES, ReadProgress.NONE);
    List<String> problems = read.files().problems();
    if (problems.isEmpty()) {
      problems = read.models().problems();
    }
    if (problems.isEmpty() && running.isPresent()) {
      Optional<SavedCheckpoint> last = rollback.flink().lastCheckpoint(running.get().id());
      if (last.isPresent()) {
        problems = ModelTransplant.differences(older, Snapshot.open(last.get().uri()));
      }
    }
    if (problems.isEmpty()) {
      problems = notVouchedFor(olderReceipt, Path.of(back().from()));
    }
    return problems.isEmpty() && newest != null && onto != null
        ? notVouchedFor(newest, onto)
        : problems;
  }

  /** What a receipt that had to be signed does not say of its snapshot. */
  private List<String> notVouchedFor(Receipt receipt, Path file) throws IOException {
    if (!back().keys().areGiven()) {
      return List.of();
    }
    Snapshot snapshot = Snapshot.open(Resumable.uri(receipt, file));
    FileCheck check = SnapshotFiles.check(snapshot);
    return check.problems().isEmpty()
        ? FileProof.notVouchedFor(receipt, snapshot.uri(), check.files())
        : check.problems();
  }

  /** Writes the savepoint and a receipt of its own; where that is. */
  private Path mix(Receipt olderReceipt, Snapshot older, Path newestFile)
      throws IOException, InterruptedException {
    Receipt newestReceipt = ReceiptFile.read(newestFile, back().keys());
    Snapshot newest =
        Snapshot.open(Resumable.uri(newestReceipt, newestFile), ResumePreflight.FILES);
    String directory =
        newest.uri()
            + "-models-"
            + older.checkpointId()
            + "-"
            + rollback.services().time().now().toEpochMilli();
    progress.accept("writes " + directory);
    Snapshot mixed = new ModelTransplant(older, newest).write(directory);
    progress.accept("checks the new snapshot");
    TransplantReceipt receipt = TransplantReceipt.proved(mixed, older, newest);
    String file =
        "receipt-%s-models-%s.json"
            .formatted(
                newestReceipt.job().name().replaceAll("[^A-Za-z0-9._-]", "_"),
                mixed.uri().substring(mixed.uri().lastIndexOf('-') + 1));
    Path path = back().journal().toAbsolutePath().resolve(file);
    SortedMap<String, String> settings =
        back().knownPlaces().settings(newestReceipt, newestFile.toString());
    Receipt whole =
        receipt.of(
            newestReceipt,
            settings,
            olderReceipt,
            path,
            back().connection(),
            rollback.services().time().now());
    ReceiptFile.write(path, whole, back().keys());
    SnapshotFiles.putSibling(mixed, ReceiptFile.COPY_NAME, ReceiptFile.bytes(whole, back().keys()));
    return path;
  }
}

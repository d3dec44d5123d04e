package dev.sluice.tool.stop;

import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.flink.SavepointProgress;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a job is and how far its stop has come.
 *
 * @param figures for programs, by name
 * @param lines for people
 */
public record JobStatus(Map<String, Object> figures, List<String> lines) {

  /**
   * Asks Flink, and reads the journal where Flink reports nothing.
   *
   * @param job its name or id
   * @throws IOException if neither the JobManager nor the journal knows such a job
   */
  public static JobStatus of(ToolServices services, String job, List<URI> rest, Path journal)
      throws IOException, InterruptedException {
    JobManager flink = services.flink(rest);
    Optional<JobOverview> named;
    String silence;
    try {
      named = flink.find(job);
      silence = named.isPresent() ? "" : RefusalCode.NO_JOB.in(flink.unknown(job));
    } catch (UnansweredException e) {
      JobStatus kept = ofJournal(job, journal, RefusalCode.NO_ANSWER.in("" + e.getMessage()));
      if (kept == null) {
        throw e;
      }
      return kept;
    }
    if (named.isEmpty()) {
      JobStatus kept = ofJournal(job, journal, silence);
      if (kept == null) {
        throw new IOException(silence);
      }
      return kept;
    }
    JobOverview found = named.get();
    JobStatus status = new JobStatus(new LinkedHashMap<>(), new ArrayList<>());
    status.job(flink, found);
    status.stop(flink, found, journal);
    return status;
  }

  /** Why Flink did not report this, with its code; empty if it did. */
  public String silence() {
    return String.valueOf(figures.getOrDefault("silence", ""));
  }

  /** What the journal records of a job; null if it records nothing. */
  private static @Nullable JobStatus ofJournal(String job, Path journal, String silence)
      throws IOException {
    Optional<ReceiptFolder.Kept> stopped =
        ReceiptFolder.read(journal).newest(receipt -> isOf(receipt, job));
    Optional<Journal.Entry> begun =
        Journal.all(journal, job).stream().filter(entry -> entry.receipt() == null).findFirst();
    if (stopped.isEmpty() && begun.isEmpty()) {
      return null;
    }
    JobStatus status = new JobStatus(new LinkedHashMap<>(), new ArrayList<>());
    status.figures.put("name", begun.map(entry -> entry.job().name()).orElse(job));
    status.figures.put("state", "UNKNOWN");
    status.figures.put("silence", silence);
    status.lines.add("Job         %s, as the journal %s records".formatted(job, journal));
    status.lines.add("State       not known: " + silence);
    status.figures.put("stopInFlight", begun.isPresent());
    if (begun.isPresent()) {
      status.begun(begun.get());
    }
    if (stopped.isPresent()) {
      status.receipt(stopped.get().file(), journal);
    }
    return status;
  }

  private static boolean isOf(Receipt receipt, String job) {
    return receipt.job().name().equals(job)
        || receipt.job().id().equals(job)
        || receipt.resumptions().stream().anyMatch(one -> one.jobId().equals(job));
  }

  private void begun(Journal.Entry entry) {
    figures.put("stopStartedAt", entry.startedAt());
    lines.add(
        "Stop        begun at %s, not over; 'sluice stop' continues it"
            .formatted(entry.startedAt()));
    if (entry.savepoint() != null) {
      figures.put("savepoint", entry.savepoint());
      lines.add("Savepoint   " + entry.savepoint());
    }
  }

  private void job(JobManager flink, JobOverview job) throws IOException, InterruptedException {
    figures.put("name", job.name());
    figures.put("id", job.id());
    figures.put("state", job.state());
    figures.put("startedAt", job.startedAt().toString());
    lines.add("Job         %s, %s, since %s".formatted(job.shownName(), job.id(), job.startedAt()));
    lines.add("State       " + job.state());
    if (job.state().equals("FAILED") || job.state().equals("RESTARTING")) {
      String reason = flink.failure(job.id());
      figures.put("failure", reason);
      lines.add(
          "Reason      "
              + (reason.isEmpty() ? "Flink gives none; its JobManager's log does" : reason));
    }
    if (isInitializing(job)) {
      lines.add(
          "Waiting     for its JobManager, which tries to reach its snapshot and the directory of its "
              + "checkpoints; if that lasts, its JobManager's log says why");
      return;
    }
    Optional<SavedCheckpoint> checkpoint = flink.lastCheckpoint(job.id());
    if (checkpoint.isPresent()) {
      figures.put("lastCheckpoint", checkpoint.get().uri());
      figures.put("lastCheckpointAt", checkpoint.get().completedAt().toString());
      lines.add(
          "Checkpoint  %s, at %s%s"
              .formatted(
                  checkpoint.get().id(),
                  checkpoint.get().completedAt(),
                  checkpoint.get().uri().isEmpty() ? "" : ", " + checkpoint.get().uri()));
    }
    String savepoint = flink.lastSavepoint(job.id());
    if (!savepoint.isEmpty()) {
      figures.put("lastSavepoint", savepoint);
      lines.add("Saved       " + savepoint);
    }
    if (!job.isOver()) {
      JobDetail detail = flink.detail(job.id());
      figures.put("parallelism", detail.parallelism());
      lines.add("Parallelism " + detail.parallelism());
      waiting(flink, job, detail);
    }
  }

  /** Only a JobMaster reports checkpoints, savepoints and tasks. */
  private static boolean isInitializing(JobOverview job) {
    return job.state().equals("INITIALIZING");
  }

  /** A figure of a source that reads nothing is an old one. */
  private void waiting(JobManager flink, JobOverview job, JobDetail detail)
      throws IOException, InterruptedException {
    String unknown = "";
    if (!job.state().equals("RUNNING") || !detail.allTasksRun()) {
      unknown = "not all of its tasks run";
    } else {
      unknown = BrokerSight.refusing(flink.settings(job.id()));
    }
    OptionalLong lag = unknown.isEmpty() ? flink.lag(job.id(), detail) : OptionalLong.empty();
    if (lag.isPresent()) {
      figures.put("lag", lag.getAsLong());
      lines.add("Waiting     %,d inputs that it has not read".formatted(lag.getAsLong()));
      return;
    }
    figures.put("lag", null);
    lines.add(
        unknown.isEmpty()
            ? "Waiting     not known yet: it has read nothing since it started"
            : "Waiting     not known: " + unknown);
  }

  private void stop(JobManager flink, JobOverview job, Path journal)
      throws IOException, InterruptedException {
    Optional<Journal.Entry> entry = Journal.peek(journal, job.id()).filter(one -> one.isOf(job));
    boolean inFlight = entry.isPresent() && entry.get().receipt() == null;
    figures.put("stopInFlight", inFlight);
    if (inFlight) {
      begun(entry.get());
      Optional<SavepointProgress> progress =
          isInitializing(job)
              ? Optional.empty()
              : flink.savepoints(job.id()).stream().filter(SavepointProgress::stops).findFirst();
      if (progress.isPresent()) {
        SavepointProgress now = progress.get();
        figures.put("savepointStatus", now.status());
        figures.put("subtasksAcknowledged", now.acknowledged());
        figures.put("subtasks", now.subtasks());
        lines.add(
            "Savepoint   %s, %s of %s subtasks"
                .formatted(now.status(), now.acknowledged(), now.subtasks()));
      }
    } else if (entry.isPresent() && job.isOver()) {
      receipt(Path.of(String.valueOf(entry.get().receipt())), journal);
    }
  }

  private void receipt(Path file, Path journal) throws IOException {
    if (Files.isReadable(file)) {
      Receipt receipt = ReceiptFile.read(file);
      figures.put("receipt", file.toString());
      figures.put("outcome", receipt.outcome().code());
      lines.add(
          "Stopped     %s, at %s"
              .formatted(
                  receipt.outcome().code(), receipt.endedAt().truncatedTo(ChronoUnit.SECONDS)));
      lines.add("Receipt     " + file);
      List<Receipt.Resumption> resumptions = receipt.resumptions();
      if (!resumptions.isEmpty()) {
        Receipt.Resumption last = resumptions.get(resumptions.size() - 1);
        figures.put(
            last.state() == Receipt.Resumption.State.ASKED ? "mayBeResumedAs" : "resumedAs",
            last.jobId());
        lines.add(
            "Resumed     the job %s; its last checkpoint is searched for first"
                .formatted(Resumptions.lastInWords(resumptions)));
      }
      resume(receipt, isIn(journal, file));
    }
  }

  /**
   * The command that resumes what is newest, with the flags of the stop: the receipt's own would
   * take a job back that was resumed since. That is named, too, where the other may not find the
   * receipt or not reach the cluster.
   */
  private void resume(Receipt receipt, boolean inJournal) {
    String own = receipt.resume() == null ? "" : receipt.resume().command();
    if (receipt.resumptions().isEmpty()) {
      if (!own.isEmpty()) {
        figures.put("resume", own);
        lines.add("Resume      " + Unasked.shown(own));
      }
      return;
    }
    boolean known = own.startsWith("sluice resume ");
    String latest =
        ShellWords.join(List.of("sluice", "resume", "--latest", receipt.job().name()))
            + (known ? ShellWords.behind(own, 3) : "");
    figures.put("resume", latest);
    lines.add("Resume      " + Unasked.shown(latest));
    if (!own.isEmpty() && !(known && inJournal)) {
      lines.add(
          "            or, unless a newer snapshot is known, the stop's own: "
              + Unasked.shown(own));
    }
  }

  /** Whether it is where 'resume --latest' looks. */
  private static boolean isIn(Path journal, Path file) throws IOException {
    return Files.isDirectory(journal) && journal.toRealPath().equals(file.toRealPath().getParent());
  }
}

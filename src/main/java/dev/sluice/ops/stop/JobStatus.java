package dev.sluice.ops.stop;

import dev.sluice.ops.flink.JobDetail;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.flink.JobOverview;
import dev.sluice.ops.flink.SavedCheckpoint;
import dev.sluice.ops.flink.SavepointProgress;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a job is and how far its stop has come.
 *
 * @param figures for programs, by name
 * @param lines for people
 */
public record JobStatus(Map<String, Object> figures, List<String> lines) {

  private static final Duration ANSWER = Duration.ofSeconds(10);

  /**
   * Asks.
   *
   * @param job its name or id
   * @throws IOException if there is no such job, or the JobManager does not answer
   */
  public static JobStatus of(String job, List<URI> rest, Path journal)
      throws IOException, InterruptedException {
    JobManager flink = new JobManager(rest, ANSWER);
    Optional<JobOverview> named = flink.find(job);
    if (named.isEmpty()) {
      throw new IOException(flink.unknown(job));
    }
    JobOverview found = named.get();
    JobStatus status = new JobStatus(new LinkedHashMap<>(), new ArrayList<>());
    status.job(flink, found);
    status.stop(flink, found, journal);
    return status;
  }

  private void job(JobManager flink, JobOverview job) throws IOException, InterruptedException {
    figures.put("name", job.name());
    figures.put("id", job.id());
    figures.put("state", job.state());
    figures.put("startedAt", job.startedAt().toString());
    lines.add("Job         %s, %s, since %s".formatted(job.name(), job.id(), job.startedAt()));
    lines.add("State       " + job.state());
    if (job.state().equals("FAILED")) {
      String reason = flink.failure(job.id());
      figures.put("failure", reason);
      lines.add(
          "Reason      "
              + (reason.isEmpty() ? "Flink tells none; its JobManager's log does" : reason));
    }
    Optional<SavedCheckpoint> checkpoint = flink.lastCheckpoint(job.id());
    if (checkpoint.isPresent()) {
      figures.put("lastCheckpoint", checkpoint.get().uri());
      figures.put("lastCheckpointAt", checkpoint.get().completedAt().toString());
      lines.add(
          "Checkpoint  %s, at %s".formatted(checkpoint.get().id(), checkpoint.get().completedAt()));
    }
    if (!job.isOver()) {
      JobDetail detail = flink.detail(job.id());
      figures.put("parallelism", detail.parallelism());
      OptionalLong lag = flink.lag(job.id(), detail);
      if (lag.isPresent()) {
        figures.put("lag", lag.getAsLong());
        lines.add("Waiting     %,d inputs that it has not read".formatted(lag.getAsLong()));
      } else if (job.state().equals("RUNNING")) {
        lines.add("Waiting     not known yet: it has read nothing since it started");
      }
    }
  }

  private void stop(JobManager flink, JobOverview job, Path journal)
      throws IOException, InterruptedException {
    Optional<Journal.Entry> entry = Journal.peek(journal, job.id()).filter(one -> one.isOf(job));
    boolean inFlight = entry.isPresent() && entry.get().receipt() == null;
    figures.put("stopInFlight", inFlight);
    if (inFlight) {
      String begun = entry.get().startedAt();
      figures.put("stopStartedAt", begun);
      lines.add(
          "Stop        begun at %s, not over; 'sluice stop' goes on with it".formatted(begun));
      Optional<SavepointProgress> progress =
          flink.savepoints(job.id()).stream().filter(SavepointProgress::stops).findFirst();
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
      receipt(Path.of(String.valueOf(entry.get().receipt())));
    }
  }

  private void receipt(Path file) throws IOException {
    if (Files.isReadable(file)) {
      Receipt receipt = ReceiptFile.read(file);
      figures.put("receipt", file.toString());
      figures.put("outcome", receipt.outcome().code());
      lines.add(
          "Stopped     %s, at %s"
              .formatted(
                  receipt.outcome().code(), receipt.endedAt().truncatedTo(ChronoUnit.SECONDS)));
      lines.add("Receipt     " + file);
      if (receipt.resume() != null) {
        figures.put("resume", receipt.resume().command());
        lines.add("Resume      " + receipt.resume().command());
      }
    }
  }
}

package dev.sluice.tool.resume;

import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a job back to an older receipt: checks whether that may be resumed, stops the job, resumes.
 * Nothing is stopped for a receipt that would be refused.
 */
public final class Rollback {

  private final ResumePolicy back;
  private final RunningJob job;

  /**
   * @param back the older receipt and how to resume it
   * @param savepointDirectory where the running job is saved; null for the cluster's default
   * @param grace how long that may take
   */
  public Rollback(
      ToolServices services,
      ResumePolicy back,
      @Nullable String savepointDirectory,
      Duration grace) {
    this.back = back;
    this.job = new RunningJob(services, back, savepointDirectory, grace);
  }

  /**
   * The result.
   *
   * @param resume how the resume ended; null if it did not come so far
   * @param undo the receipt of the job that was stopped; null if none ran
   */
  public record Result(
      int exitCode, String text, @Nullable ResumeOutcome resume, @Nullable Path undo) {}

  /** The older receipt and how to resume it. */
  ResumePolicy back() {
    return back;
  }

  /** The job that has to stop first. */
  RunningJob job() {
    return job;
  }

  /**
   * Runs it.
   *
   * @param acceptReplay whether inputs may be read again; otherwise it only says how many would be
   */
  public Result run(StopListener listener, Consumer<String> progress, boolean acceptReplay)
      throws IOException, InterruptedException {
    Receipt older = ReceiptFile.read(Path.of(back.from()), back.keys());
    Optional<JobOverview> running = job.find(older.job().name());
    Finding finding =
        new Resume(job.services(), back, progress).look(running.map(JobOverview::id).orElse(""));
    if (!finding.isGood()) {
      return new Result(
          finding.isSilence() ? 10 : 1,
          "Refused, and nothing was touched: " + String.join(". ", finding.refusals()),
          null,
          null);
    }
    Optional<String> obstacle = Resume.obstacle(job.services(), back);
    if (obstacle.isPresent()) {
      return new Result(1, "Refused, and nothing was touched: " + obstacle.get(), null, null);
    }
    if (!acceptReplay) {
      return new Result(
          1,
          RefusalCode.ROLLBACK_REPLAY.in(
              "Refused, and nothing was touched: %s inputs would be read again, of which %,d are answered and would not be answered twice; the models would learn from them again. Say --accept-replay to do it, or --model-only to take back the models alone, and read nothing again"
                  .formatted(finding.waiting().inWords(), finding.answered())),
          null,
          null);
    }
    Path undo = null;
    long ended = 0;
    if (running.isPresent()) {
      StopOutcome stopped = job.stop(running.get(), listener);
      if (!(stopped instanceof StopOutcome.Proved proved)) {
        return new Result(stopped.exitCode(), stopped.text(), null, null);
      }
      undo = proved.receiptFile();
      ended = Resume.lastOf(proved.receipt());
    }
    Resume resume = new Resume(job.services(), back, progress);
    ResumeOutcome resumed = undo == null ? resume.run(false) : resume.runStopped(ended);
    return new Result(resumed.exitCode(), resumed.text(), resumed, undo);
  }
}

package dev.sluice.tool.resume;

import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a job back to an older receipt: checks whether that may be resumed, stops the job, resumes.
 * Nothing is stopped for a receipt that would be refused.
 *
 * @param back the older receipt and how to resume it
 * @param savepointDirectory where the running job is saved; null for the cluster's default
 * @param grace how long that may take
 */
public record Rollback(
    ToolServices services, ResumePolicy back, @Nullable String savepointDirectory, Duration grace) {

  private static final Duration PROOF = Duration.ofSeconds(30);

  /**
   * The result.
   *
   * @param resume how the resume ended; null if it did not come so far
   * @param undo the receipt of the job that was stopped; null if none ran
   */
  public record Result(
      int exitCode, String text, @Nullable ResumeOutcome resume, @Nullable Path undo) {

    static Result of(ResumeOutcome resume, @Nullable Path undo) {
      return new Result(resume.exitCode(), resume.text(), resume, undo);
    }

    static Result of(StopResult stop) {
      return new Result(stop.exitCode(), stop.text(), null, null);
    }

    static Result refused(String why) {
      return new Result(1, why, null, null);
    }
  }

  /**
   * Takes all of it back.
   *
   * @param acceptReplay whether inputs may be read again; otherwise it only says how many would be
   */
  public Result run(StopListener listener, Consumer<String> progress, boolean acceptReplay)
      throws IOException, InterruptedException {
    Receipt older = ReceiptFile.read(Path.of(back.from()), back.keys());
    Optional<JobOverview> running = running(older.job().name());
    ResumeOutcome.Finding finding =
        new Resume(services, back, progress).look(running.map(JobOverview::id).orElse(""));
    if (!finding.isGood()) {
      String why = Resume.refused(String.join(". ", finding.refusals()));
      return Result.of(new ResumeOutcome.Refused(finding, why), null);
    }
    Optional<String> obstacle = new SubmissionCheck(services, back).obstacle();
    if (obstacle.isPresent()) {
      return Result.refused(Resume.refused(obstacle.get()));
    }
    if (!acceptReplay) {
      return Result.refused(
          RefusalCode.ROLLBACK_REPLAY.in(
              Resume.refused(
                  ("%s inputs would be read again, of which %,d are answered and would not be answered twice; the "
                          + "models would learn from them again. Say --accept-replay to do it, or --model-only to take "
                          + "back the models alone, and read nothing again")
                      .formatted(finding.waiting().inWords(), finding.answered()))));
    }
    Resume resume = new Resume(services, back, progress);
    if (running.isEmpty()) {
      return Result.of(resume.run(false), null);
    }
    StopResult stopped = stop(running.get(), listener);
    if (!stopped.isProved()) {
      return Result.of(stopped);
    }
    ReceiptFolder.Kept proved = stopped.written();
    return Result.of(resume.runStopped(Resume.lastOf(proved.receipt())), proved.file());
  }

  /**
   * Takes the models alone back.
   *
   * @param onto the newest receipt, of a job that is stopped already; null if it runs
   */
  public Result runModels(@Nullable Path onto, StopListener listener, Consumer<String> progress)
      throws IOException, InterruptedException {
    return new ModelRollback(this, onto, progress).run(listener);
  }

  /** The job that has to stop before the older receipt takes its place, if it runs. */
  Optional<JobOverview> running(String name) throws IOException, InterruptedException {
    return flink().find(name).filter(job -> !job.isOver());
  }

  JobManager flink() {
    return services.flink(back.rest());
  }

  /** Stops it with a savepoint in the canonical format. */
  StopResult stop(JobOverview job, StopListener listener) throws InterruptedException {
    return Drill.stop(
        services,
        new StopPolicy(
            job.id(),
            back.rest(),
            savepointDirectory,
            false,
            false,
            grace,
            OnTimeout.FAIL,
            PROOF,
            null,
            back.journal(),
            back.secrets(),
            null,
            back.connection(),
            back.keys()),
        listener);
  }
}

package dev.sluice.ops.resume;

import dev.sluice.job.PublishedSettings;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.flink.JobOverview;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import dev.sluice.ops.stop.GracefulStop;
import dev.sluice.ops.stop.OnTimeout;
import dev.sluice.ops.stop.StopListener;
import dev.sluice.ops.stop.StopOutcome;
import dev.sluice.ops.stop.StopPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a job back to an older receipt: looks whether that may be resumed, stops the job, resumes.
 * Nothing is stopped for a receipt that would be refused.
 */
public final class Rollback {

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration PROOF = Duration.ofSeconds(30);

  private final ResumePolicy back;
  private final @Nullable String savepointDirectory;
  private final Duration grace;

  /**
   * @param back the older receipt and how to resume it
   * @param savepointDirectory where the running job is saved; null for the cluster's default
   * @param grace how long that may take
   */
  public Rollback(ResumePolicy back, @Nullable String savepointDirectory, Duration grace) {
    this.back = back;
    this.savepointDirectory = savepointDirectory;
    this.grace = grace;
  }

  /**
   * What came of it.
   *
   * @param resume how the resume ended; null if it did not come so far
   * @param undo the receipt of the job that was stopped; null if none ran
   */
  public record Result(
      int exitCode, String text, @Nullable ResumeOutcome resume, @Nullable Path undo) {}

  /** Runs it. */
  public Result run(StopListener listener, Consumer<String> told)
      throws IOException, InterruptedException {
    Receipt older = ReceiptFile.read(Path.of(back.from()));
    Optional<JobOverview> running =
        new JobManager(back.rest(), ANSWER).find(older.job().name()).filter(job -> !job.isOver());
    Finding finding = new Resume(back, told).look(running.map(JobOverview::id).orElse(""));
    if (!finding.isGood()) {
      return new Result(
          1,
          "Refused, and nothing was touched: " + String.join(". ", finding.refusals()),
          null,
          null);
    }
    Optional<String> jarProblem = back.jarProblem();
    if (jarProblem.isPresent()) {
      return new Result(1, "Refused, and nothing was touched: " + jarProblem.get(), null, null);
    }
    Path undo = null;
    if (running.isPresent()) {
      StopOutcome stopped = stop(running.get(), listener);
      if (!(stopped instanceof StopOutcome.Proved proved)) {
        return new Result(stopped.exitCode(), stopped.text(), null, null);
      }
      undo = proved.receiptFile();
    }
    ResumeOutcome resumed = new Resume(back, told).run(false);
    return new Result(resumed.exitCode(), resumed.text(), resumed, undo);
  }

  /** What the running job does not tell by itself. */
  private Map<String, String> secrets() {
    Map<String, String> secrets = new HashMap<>(back.defaults());
    secrets.keySet().removeAll(PublishedSettings.withoutSecrets(back.defaults()).keySet());
    return secrets;
  }

  private StopOutcome stop(JobOverview job, StopListener listener) throws InterruptedException {
    StopPolicy policy =
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
            secrets());
    try {
      return GracefulStop.start(policy, listener).get();
    } catch (ExecutionException bug) {
      throw new IllegalStateException("the stop ended with a bug", bug.getCause());
    }
  }
}

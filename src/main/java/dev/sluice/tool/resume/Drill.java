package dev.sluice.tool.resume;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.GracefulStop;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import dev.sluice.tool.stop.StopEvent;
import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stops a job and resumes it at once, as for a rehearsal or a rescaling; measures what it costs.
 *
 * @param resume what to do with the receipt, no matter which receipt it names
 */
public record Drill(ToolServices services, StopPolicy stop, ResumePolicy resume) {

  /**
   * The result.
   *
   * @param stop how the stop ended
   * @param resume how the resume ended; null if the stop was not proved
   * @param toEnd from the request to the job's end; null if it did not come so far
   * @param toProof from the request to the receipt
   * @param downtime from the request until the resumed job had completed a checkpoint; null if it
   *     did not come so far
   */
  public record Result(
      StopResult stop,
      @Nullable ResumeOutcome resume,
      @Nullable Duration toEnd,
      @Nullable Duration toProof,
      @Nullable Duration downtime) {

    /** The exit code of what went wrong first, or 0. */
    public int exitCode() {
      return resume == null ? stop.exitCode() : resume.exitCode();
    }
  }

  /** Runs it, unless it is known before that the job could not be stopped and run again. */
  public Result run(StopListener listener, Consumer<String> progress)
      throws IOException, InterruptedException {
    Optional<StopResult> refusal = refusal();
    if (refusal.isPresent()) {
      return new Result(refusal.get(), null, null, null, null);
    }
    AtomicBoolean read = new AtomicBoolean();
    StopResult outcome =
        stop(
            services,
            stop,
            event -> {
              if (event instanceof StopEvent.Ended ended && ended.step() == Step.SANE) {
                read.set(ended.result() == StepResult.OK);
              }
              listener.on(event);
            });
    if (!outcome.isProved()) {
      return new Result(outcome, null, null, null, null);
    }
    ReceiptFolder.Kept proved = outcome.written();
    Instant requested = at(proved.receipt(), Step.REQUEST);
    Resume back = new Resume(services, resume.of(proved.file()), progress);
    // A receipt that is there already is of a proof for which this process has read nothing.
    ResumeOutcome resumed =
        read.get()
            ? back.runProved(proved.receipt())
            : back.runStopped(Resume.lastOf(proved.receipt()));
    boolean away = !(resumed instanceof ResumeOutcome.Resumed);
    return new Result(
        outcome,
        resumed,
        Duration.between(requested, at(proved.receipt(), Step.COMMITTED)),
        Duration.between(requested, proved.receipt().endedAt()),
        away ? null : Duration.between(requested, services.time().now()));
  }

  /** Stops a job and waits for the result. */
  static StopResult stop(ToolServices services, StopPolicy stop, StopListener listener)
      throws InterruptedException {
    try {
      return GracefulStop.start(services, stop, listener).get();
    } catch (ExecutionException bug) {
      throw new IllegalStateException("the stop ended with a bug", bug.getCause());
    }
  }

  /**
   * Checks whether a drill would be refused, and changes nothing.
   *
   * @return what it would do
   * @throws IOException with the reason if it would not
   */
  public String rehearse() throws IOException, InterruptedException {
    Optional<StopResult> refusal = look();
    if (refusal.isPresent()) {
      throw new IOException(refusal.get().text());
    }
    return "%s; then it would resume it %s, and give it %s s to make progress"
        .formatted(
            GracefulStop.rehearse(services, stop),
            resume.parallelism() == null ? "as it was" : "with parallelism " + resume.parallelism(),
            resume.patience().toSeconds());
  }

  /** For a job that is over a stop returns the old receipt again: nothing would be rehearsed. */
  private static StopResult refused(String why) {
    return StopResult.of(StopResult.Kind.NOTHING_CHANGED, Resume.refused(why));
  }

  private Optional<StopResult> refusal() throws IOException, InterruptedException {
    try {
      return look();
    } catch (UnansweredException e) {
      return Optional.of(
          StopResult.of(
              StopResult.Kind.NOT_BEGUN,
              RefusalCode.NO_ANSWER.in(
                  "Nothing was touched, and the same command may succeed: " + e.getMessage())));
    } catch (FlinkException e) {
      return Optional.of(
          StopResult.of(StopResult.Kind.NOTHING_CHANGED, String.valueOf(e.getMessage())));
    }
  }

  /** Why a drill is refused; empty if it is not. */
  private Optional<StopResult> look() throws IOException, InterruptedException {
    JobManager flink = services.flink(stop.rest());
    Optional<JobOverview> job = flink.find(stop.job());
    if (job.isPresent() && job.get().isOver()) {
      return Optional.of(
          refused(
              RefusalCode.STOP_NOT_RUNNING.in(
                  "job (%s), %s, is %s already: there is nothing to stop. 'sluice status' shows what resumes it"
                      .formatted(job.get().name(), job.get().id(), job.get().state()))));
    }
    SubmissionCheck check = new SubmissionCheck(services, resume);
    return (job.isEmpty() ? check.obstacle() : check.beforeStop(flink, job)).map(Drill::refused);
  }

  private static Instant at(Receipt receipt, Step step) {
    return receipt.steps().stream()
        .filter(line -> line.step().equals(step.code()))
        .map(Receipt.StepLine::startedAt)
        .findFirst()
        .orElse(receipt.startedAt());
  }
}

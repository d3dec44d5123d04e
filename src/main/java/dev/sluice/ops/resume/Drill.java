package dev.sluice.ops.resume;

import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.stop.GracefulStop;
import dev.sluice.ops.stop.Step;
import dev.sluice.ops.stop.StopListener;
import dev.sluice.ops.stop.StopOutcome;
import dev.sluice.ops.stop.StopPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stops a job and resumes it at once, as for a rehearsal or a rescaling; measures what it costs.
 */
public final class Drill {

  private Drill() {}

  /**
   * What came of it.
   *
   * @param stop how the stop ended
   * @param resume how the resume ended; null if the stop was not proved
   * @param toSavepoint from the request to the job's end; null if it did not come so far
   * @param toProof from the request to the receipt
   * @param downtime from the request until the resumed job had completed a checkpoint
   */
  public record Result(
      StopOutcome stop,
      @Nullable ResumeOutcome resume,
      @Nullable Duration toSavepoint,
      @Nullable Duration toProof,
      @Nullable Duration downtime) {

    /** The exit code of what went wrong first, or 0. */
    public int exitCode() {
      return resume == null ? stop.exitCode() : resume.exitCode();
    }
  }

  /**
   * Runs it.
   *
   * @param resume what to do with the receipt
   */
  public static Result run(
      StopPolicy stop,
      StopListener listener,
      Function<Path, ResumePolicy> resume,
      Consumer<String> told)
      throws IOException, InterruptedException {
    StopOutcome outcome;
    try {
      outcome = GracefulStop.start(stop, listener).get();
    } catch (ExecutionException bug) {
      throw new IllegalStateException("the stop ended with a bug", bug.getCause());
    }
    if (!(outcome instanceof StopOutcome.Proved proved)) {
      return new Result(outcome, null, null, null, null);
    }
    Instant requested = at(proved.receipt(), Step.REQUEST);
    ResumeOutcome resumed = new Resume(resume.apply(proved.receiptFile()), told).run(false);
    return new Result(
        outcome,
        resumed,
        Duration.between(requested, at(proved.receipt(), Step.COMMITTED)),
        Duration.between(requested, proved.receipt().endedAt()),
        Duration.between(requested, Instant.now()));
  }

  private static Instant at(Receipt receipt, Step step) {
    return receipt.steps().stream()
        .filter(line -> line.step().equals(step.code()))
        .map(Receipt.StepLine::startedAt)
        .findFirst()
        .orElse(receipt.startedAt());
  }
}

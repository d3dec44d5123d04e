package dev.sluice.ops.stop;

import dev.sluice.ops.flink.FlinkException;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.flink.JobOverview;
import dev.sluice.ops.flink.SavedCheckpoint;
import dev.sluice.ops.flink.UnansweredException;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a job, or its stop, can be waited for to come to. */
public enum Awaited {
  /** Every task runs. */
  RUNNING,
  /** The job runs and has completed a checkpoint, so that it can be stopped. */
  CHECKPOINT,
  /** The job is over, however. */
  OVER,
  /** The journal has a receipt of the stop of this run. */
  STOPPED;

  private static final Duration POLL = Duration.ofMillis(500);

  /** After which a receipt counts that may be of an earlier run: Flink tells of no other one. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  /**
   * How the waiting ended.
   *
   * @param end what came of it
   * @param state the job's last state; empty if Flink has told none
   * @param text a sentence for people
   */
  public record Result(End end, String state, String text) {}

  /** What came of the waiting. */
  public enum End {
    REACHED,
    LATE,
    NEVER,
    UNANSWERED
  }

  /** As it is typed. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What has not come yet, of a job. */
  private String missing() {
    return switch (this) {
      case RUNNING -> "does not run with all of its tasks";
      case CHECKPOINT -> "does not run with a completed checkpoint";
      case OVER -> "is not over";
      case STOPPED -> "has no receipt of a stop";
    };
  }

  /** What can't come, of a job that is over. */
  private String impossible() {
    return switch (this) {
      case RUNNING, OVER -> "does not run";
      case CHECKPOINT -> "completes no checkpoint";
      case STOPPED -> "no stop is under way that would give it a receipt";
    };
  }

  /**
   * Waits until it has come, can't come any more, or the time is over. A JobManager that does not
   * answer, or does not know the job yet, is asked again; for a stop the journal tells meanwhile,
   * for a JobManager may end with its job, or forget it.
   *
   * @param job its name or id
   * @param clock which a receipt's time is compared with
   */
  public Result await(JobManager flink, String job, Path journal, Duration patience, Clock clock)
      throws IOException, InterruptedException {
    Instant began = clock.instant();
    long deadline = System.nanoTime() + patience.toNanos();
    String state = "";
    String silence = "";
    JobOverview seen = null;
    long told = System.nanoTime();
    while (true) {
      try {
        silence = "";
        Optional<JobOverview> found = flink.find(job);
        if (found.isEmpty()) {
          silence = flink.unknown(job);
        } else {
          told = System.nanoTime();
          seen = found.get();
          state = flink.state(seen.id());
          Optional<Result> end = look(flink, found.get(), state, journal);
          if (end.isPresent()) {
            return end.get();
          }
        }
      } catch (UnansweredException e) {
        silence = String.valueOf(e.getMessage());
      } catch (FlinkException e) {
        if (!e.isPassing()) {
          throw e;
        }
        silence = String.valueOf(e.getMessage());
      }
      boolean late = System.nanoTime() >= deadline;
      if (this == STOPPED && !silence.isEmpty()) {
        Optional<Receipt> receipt = receipt(journal, job);
        boolean forLong = seen == null && (late || System.nanoTime() - told >= SILENCE.toNanos());
        if (receipt.isPresent() && (forLong || isOfThisWait(receipt.get(), journal, seen, began))) {
          return new Result(
              End.REACHED,
              state,
              "The journal has the receipt of job (%s), %s, which Flink does not tell of: %s"
                  .formatted(receipt.get().job().name(), receipt.get().job().id(), silence));
        }
      }
      if (late) {
        return silence.isEmpty()
            ? new Result(
                End.LATE,
                state,
                "%s s are over, and job (%s), %s, %s yet"
                    .formatted(patience.toSeconds(), job, state, missing()))
            : new Result(End.UNANSWERED, state, silence);
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  private Optional<Result> look(JobManager flink, JobOverview job, String state, Path journal)
      throws IOException, InterruptedException {
    boolean over = JobOverview.isOver(state);
    Optional<SavedCheckpoint> last =
        this == CHECKPOINT && runs(flink, job, state)
            ? flink.lastCheckpoint(job.id())
            : Optional.empty();
    boolean reached =
        switch (this) {
          case RUNNING -> runs(flink, job, state);
          case CHECKPOINT -> last.isPresent();
          case OVER -> over;
          case STOPPED -> over && hasReceipt(journal, job);
        };
    if (reached) {
      return Optional.of(
          new Result(
              End.REACHED,
              state,
              "Job (%s), %s, is %s%s"
                  .formatted(
                      job.name(),
                      job.id(),
                      state,
                      last.map(one -> ", its last checkpoint is %s".formatted(one.id()))
                          .orElse(""))));
    }
    boolean never = over && (this != STOPPED || Journal.peek(journal, job.id()).isEmpty());
    return never
        ? Optional.of(
            new Result(
                End.NEVER,
                state,
                "Job (%s), %s, is %s, and %s any more"
                    .formatted(job.name(), job.id(), state, impossible())))
        : Optional.empty();
  }

  private static boolean runs(JobManager flink, JobOverview job, String state)
      throws IOException, InterruptedException {
    return state.equals("RUNNING") && flink.detail(job.id()).allTasksRun();
  }

  /** Of the last stop of the job, if that is over and nobody has resumed the job since. */
  private static Optional<Receipt> receipt(Path journal, String job) throws IOException {
    Optional<Path> file =
        Journal.all(journal, job).stream()
            .findFirst()
            .map(Journal.Entry::receipt)
            .map(Path::of)
            .filter(Files::isRegularFile);
    return file.isEmpty()
        ? Optional.empty()
        : Optional.of(ReceiptFile.read(file.get())).filter(one -> one.resumptions().isEmpty());
  }

  /**
   * Whether the receipt is of the run that was seen, or was written since the waiting began. An
   * older one may be of a run before the one that is meant.
   */
  private static boolean isOfThisWait(
      Receipt receipt, Path journal, @Nullable JobOverview seen, Instant began) throws IOException {
    return seen == null ? !receipt.endedAt().isBefore(began) : hasReceipt(journal, seen);
  }

  private static boolean hasReceipt(Path journal, JobOverview job) throws IOException {
    return Journal.peek(journal, job.id())
        .filter(entry -> entry.isOf(job) && entry.receipt() != null)
        .isPresent();
  }
}

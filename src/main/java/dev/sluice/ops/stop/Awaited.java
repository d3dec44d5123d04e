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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
   * for a JobManager may end with its job, or forget it. What the journal tells of the run that was
   * seen counts then, and what was not there when the waiting began: an older receipt is no answer,
   * for the job may have been resumed since by means that leave no trace in the journal.
   *
   * @param job its name or id
   */
  public Result await(JobManager flink, String job, Path journal, Duration patience)
      throws IOException, InterruptedException {
    Optional<Instant> before =
        stop(journal, job).filter(Stop::tellsTheEnd).map(one -> one.receipt().startedAt());
    long deadline = System.nanoTime() + patience.toNanos();
    String state = "";
    String silence = "";
    JobOverview seen = null;
    while (true) {
      try {
        silence = "";
        Optional<JobOverview> found = flink.find(job);
        if (found.isEmpty()) {
          silence = flink.unknown(job);
        } else {
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
        Optional<Stop> stop = stop(journal, job);
        if (stop.isPresent() && stop.get().isOf(seen, before)) {
          return new Result(
              End.REACHED,
              state,
              "The journal has the receipt of job (%s), %s, which Flink does not tell of: %s"
                  .formatted(
                      stop.get().receipt().job().name(), stop.get().receipt().job().id(), silence));
        }
        if (late && stop.isPresent()) {
          return new Result(End.UNANSWERED, state, silence + ". " + stop.get().isNoAnswer());
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

  /** The last stop of the job, if that is over and nobody has resumed the job since. */
  private static Optional<Stop> stop(Path journal, String job) throws IOException {
    Optional<Journal.Entry> last = Journal.all(journal, job).stream().findFirst();
    Optional<Path> file =
        last.map(Journal.Entry::receipt).map(Path::of).filter(Files::isRegularFile);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Receipt receipt = ReceiptFile.read(file.get());
    return receipt.resumptions().isEmpty()
        ? last.map(entry -> new Stop(entry, file.get(), receipt))
        : Optional.empty();
  }

  /**
   * A stop that is over.
   *
   * @param entry the journal's
   * @param file its receipt's
   * @param receipt what that says
   */
  private record Stop(Journal.Entry entry, Path file, Receipt receipt) {

    /** Not if Flink did not tell that the job has ended, and nothing else does: it may run. */
    boolean tellsTheEnd() {
      return receipt.outcome() != Receipt.Outcome.UNPROVED || Reproof.isTold(receipt);
    }

    /**
     * Whether it is what is waited for.
     *
     * @param seen the run that was seen; null if none was
     * @param before when the stop began that was over before the waiting
     */
    boolean isOf(@Nullable JobOverview seen, Optional<Instant> before) {
      return tellsTheEnd()
          && (seen == null
              ? !before.equals(Optional.of(receipt.startedAt()))
              : entry.isOf(seen) && entry.job().id().equals(seen.id()));
    }

    /** Why a wait does not end with it. */
    String isNoAnswer() {
      String what =
          "The journal has the receipt %s, of a stop of job %s that ended at %s"
              .formatted(
                  file, receipt.job().id(), receipt.endedAt().truncatedTo(ChronoUnit.SECONDS));
      return what
          + (tellsTheEnd()
              ? ": it was over before, and whether a job was started since is not known"
              : ", and which says that the job may run")
          + ". Give the same command when a JobManager answers, or make sure that no job (%s) runs"
              .formatted(receipt.job().name());
    }
  }

  private static boolean hasReceipt(Path journal, JobOverview job) throws IOException {
    return Journal.peek(journal, job.id())
        .filter(entry -> entry.isOf(job) && entry.receipt() != null)
        .isPresent();
  }
}

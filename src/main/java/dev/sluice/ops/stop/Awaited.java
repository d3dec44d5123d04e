package dev.sluice.ops.stop;

import dev.sluice.ops.flink.FlinkException;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.flink.JobOverview;
import dev.sluice.ops.flink.UnansweredException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

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

  /**
   * Waits until it has come, can't come any more, or the time is over. A JobManager that does not
   * answer, or does not know the job yet, is asked again.
   *
   * @param job its name or id
   */
  public Result await(JobManager flink, String job, Path journal, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    String state = "";
    String silence = "";
    while (true) {
      try {
        silence = "";
        Optional<JobOverview> found = flink.find(job);
        if (found.isEmpty()) {
          silence = flink.unknown(job);
        } else {
          state = flink.state(found.get().id());
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
      if (System.nanoTime() >= deadline) {
        return silence.isEmpty()
            ? new Result(
                End.LATE,
                state,
                "%s s are over, and job (%s), %s, is not %s yet"
                    .formatted(patience.toSeconds(), job, state, code()))
            : new Result(End.UNANSWERED, state, silence);
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  private Optional<Result> look(JobManager flink, JobOverview job, String state, Path journal)
      throws IOException, InterruptedException {
    boolean over = JobOverview.isOver(state);
    boolean reached =
        switch (this) {
          case RUNNING -> runs(flink, job, state);
          case CHECKPOINT -> runs(flink, job, state) && flink.lastCheckpoint(job.id()).isPresent();
          case OVER -> over;
          case STOPPED -> over && hasReceipt(journal, job);
        };
    if (reached) {
      return Optional.of(
          new Result(
              End.REACHED, state, "Job (%s), %s, is %s".formatted(job.name(), job.id(), state)));
    }
    boolean never = over && (this != STOPPED || Journal.peek(journal, job.id()).isEmpty());
    return never
        ? Optional.of(
            new Result(
                End.NEVER,
                state,
                "Job (%s), %s, is %s, and will never be %s"
                    .formatted(job.name(), job.id(), state, code())))
        : Optional.empty();
  }

  private static boolean runs(JobManager flink, JobOverview job, String state)
      throws IOException, InterruptedException {
    return state.equals("RUNNING") && flink.detail(job.id()).allTasksRun();
  }

  private static boolean hasReceipt(Path journal, JobOverview job) throws IOException {
    return Journal.peek(journal, job.id())
        .filter(entry -> entry.isOf(job) && entry.receipt() != null)
        .isPresent();
  }
}

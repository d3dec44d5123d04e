package dev.sluice.tool.stop;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The states of a job, or its stop, that can be waited for. */
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
   * A JobManager that comes up in application mode answers before it has submitted its job, whose
   * main method asks the brokers and the store first.
   */
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  /**
   * How the waiting ended.
   *
   * @param end its result
   * @param state the job's last state; empty if Flink has reported none
   * @param text a sentence for people
   */
  public record Result(End end, String state, String text) {}

  /** The result of the wait. */
  public enum End {
    REACHED,
    LATE,
    NEVER,
    UNANSWERED
  }

  /** The name on the command line. */
  @Override
  public String toString() {
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

  /** What can't happen any more, for a job that is over. */
  private String impossible() {
    return switch (this) {
      case RUNNING, OVER -> "does not run";
      case CHECKPOINT -> "completes no checkpoint";
      case STOPPED -> "no stop is under way that would give it a receipt";
    };
  }

  /**
   * Waits until it has happened, can't happen any more, or the time is over. A JobManager that does
   * not answer, or does not know the job yet, is asked again; for a stop the journal is read
   * meanwhile, because a JobManager may end with its job, or forget it. What counts then is what
   * the journal says of the run that was seen, and what was not there when the wait began. An older
   * receipt is no answer while Flink is silent, because the job may have been resumed since by
   * means that leave no trace in the journal; it is one, if it is not of long ago, once Flink has
   * answered for a minute that it knows no such job. One of another cluster is none.
   *
   * @param job its name or id
   */
  public Result await(
      ToolServices services, List<URI> rest, String job, Path journal, Duration patience)
      throws IOException, InterruptedException {
    JobManager flink = services.flink(rest);
    Time time = services.time();
    Optional<Instant> before =
        this == STOPPED
            ? LastStop.of(journal, job, null, flink.addresses()).flatMap(LastStop::answers)
            : Optional.empty();
    Deadline deadline = time.after(patience);
    boolean unknown = false;
    long since = time.nanos(); // When Flink began to answer that it knows no such job.
    String state = "";
    String silence = "";
    JobOverview seen = null;
    while (true) {
      boolean still = unknown;
      unknown = false;
      try {
        silence = "";
        Optional<JobOverview> found = flink.find(job);
        if (found.isEmpty()) {
          silence = flink.unknown(job);
          unknown = true;
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
      long now = time.nanos();
      since = still && unknown ? since : now;
      boolean late = deadline.isOver();
      Optional<LastStop> stop =
          this == STOPPED && !silence.isEmpty()
              ? LastStop.of(journal, job, seen, flink.addresses())
              : Optional.empty();
      if (this == STOPPED && !silence.isEmpty()) {
        boolean gone = unknown && now - since >= FORGOTTEN.toNanos();
        if (stop.isPresent() && stop.get().isAnswer(seen, before, gone, time.now())) {
          return new Result(
              End.REACHED,
              state,
              "The journal has the receipt of %s, which Flink does not know: %s"
                  .formatted(stop.get().inWords(), silence));
        }
        if (gone && stop.filter(LastStop::isUnderWay).isEmpty()) {
          return new Result(
              End.NEVER,
              state,
              silence
                  + stop.map(LastStop::isNoAnswer)
                      .orElseGet(() -> LeftStops.elsewhere(journal, job, flink.addresses()))
                  + ". No stop is under way that would give the job a receipt");
        }
      }
      if (late) {
        return silence.isEmpty()
            ? new Result(
                End.LATE,
                state,
                "%s s are over, and job (%s), %s, %s yet"
                    .formatted(patience.toSeconds(), job, state, missing()))
            : new Result(
                End.UNANSWERED,
                state,
                silence
                    + (this == STOPPED && stop.isEmpty()
                        ? LeftStops.elsewhere(journal, job, flink.addresses())
                        : unanswered(stop, unknown, job)));
      }
      time.sleep(POLL);
    }
  }

  /** What the journal says all the same, and what to do. */
  private static String unanswered(Optional<LastStop> stop, boolean unknown, String job) {
    String reported = stop.map(LastStop::isNoAnswer).orElse("");
    return reported.isEmpty()
        ? ""
        : "%s. Give the same command %s, or make sure that no job (%s) runs"
            .formatted(
                reported, unknown ? "with a longer --timeout" : "when a JobManager answers", job);
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

  private static boolean hasReceipt(Path journal, JobOverview job) throws IOException {
    return Journal.peek(journal, job.id())
        .filter(entry -> entry.isOf(job) && entry.receipt() != null)
        .isPresent();
  }
}

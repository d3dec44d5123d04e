package dev.sluice.tool.resume;

import dev.sluice.tool.broker.Patience.Asking;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.refusal.SilentException;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.SavepointDirectory.KeptSnapshot;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The complete checkpoints that jobs have left where a cluster keeps them. A job id counts as free
 * only if that was checked: a job under an id that has left checkpoints deletes them. Used by one
 * thread.
 */
final class RetainedCheckpoints {

  private static final Duration POLL = Duration.ofMillis(250);

  private final JobManager flink;
  private final Consumer<String> progress;
  private final Duration patience;
  private final Time time;

  private boolean asked;

  /** Where they are; null until it was asked, and where the cluster keeps none in files. */
  private @Nullable String directory;

  /**
   * @param progress receives what is tried again, a sentence each
   * @param patience how long to ask for what is not known at once
   */
  RetainedCheckpoints(JobManager flink, Consumer<String> progress, Duration patience, Time time) {
    this.flink = flink;
    this.progress = progress;
    this.patience = patience;
    this.time = time;
  }

  /** It is not known whether there are any. */
  static final class UnseenException extends IOException {

    private static final long serialVersionUID = 1L;

    UnseenException(String message) {
      super(RefusalCode.RESUME_CHECKPOINTS_UNSEEN.in(message));
    }
  }

  /**
   * The newest one of a job; empty if there is none.
   *
   * @throws SilentException if the JobManager, which may answer in a while, does not say
   * @throws UnseenException if that can't be found out
   */
  Optional<KeptSnapshot> newestOf(String jobId) throws IOException, InterruptedException {
    if (!asked) {
      directory =
          again("where this cluster keeps checkpoints", jobId, flink::checkpointDirectory)
              .orElse(null);
      asked = true;
      warn();
    }
    String where = directory;
    if (where == null) {
      return Optional.empty();
    }
    String its = where + "/" + jobId;
    return again(
        "whether there are any in " + its,
        jobId,
        () -> {
          requireSeen(where);
          return SavepointDirectory.newestIn(its);
        });
  }

  private <T> T again(String what, String jobId, Asking<T> asking)
      throws IOException, InterruptedException {
    String last;
    boolean silent;
    Deadline deadline = time.after(patience);
    do {
      try {
        return asking.ask();
      } catch (IOException | RuntimeException e) { // file systems throw what they like
        last = e.getMessage() == null ? e.toString() : e.getMessage();
        silent =
            e instanceof UnansweredException
                || (e instanceof FlinkException refused
                    && refused.isPassing()
                    && !refused.isUnknown());
        progress.accept("can't see yet %s: %s".formatted(what, last));
      }
      time.sleep(POLL);
    } while (!deadline.isOver());
    String message =
        ("the job would get the id %s, and a job deletes the checkpoints that an earlier job left under "
                + "the same id; but %s can't be seen (%s). See that this process reaches the "
                + "JobManager and can list that directory (its bucket, its rights, FLINK_CONF_DIR, "
                + "FLINK_PLUGINS_DIR), and "
                + "try again, or run the command that 'sluice resume --print' prints: its job gets an id of "
                + "Flink's own")
            .formatted(jobId, what, last);
    throw silent
        ? new SilentException(RefusalCode.NO_ANSWER.in(message))
        : new UnseenException(message);
  }

  /** Files in a directory without search permission seem to be absent. */
  private static void requireSeen(String where) throws IOException {
    if (SavepointDirectory.isOfOneMachine(where)) {
      Path path = local(where);
      if (Files.isDirectory(path) && !(Files.isReadable(path) && Files.isExecutable(path))) {
        throw new IOException("this process has no right to read " + path);
      }
    }
  }

  /** What is of the JobManager's machine may not be seen from here. */
  private void warn() {
    String where = directory;
    if (where != null
        && SavepointDirectory.isOfOneMachine(where)
        && !Files.isDirectory(local(where))) {
      progress.accept(
          ("sees no %s here: if it is on the JobManager's machine, checkpoints that a lost job has left there are "
                  + "not seen, and a job under its id deletes them")
              .formatted(where));
    }
  }

  static Path local(String where) {
    return Path.of(where.replaceFirst("^file:/+", "/")); // Flink escapes nothing in paths
  }
}

package dev.sluice.tool.stop;

import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Ends a job that could not be stopped with a savepoint. */
final class Escalation {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(200);

  private final JobManager flink;

  Escalation(JobManager flink) {
    this.flink = flink;
  }

  /**
   * How it ended.
   *
   * @param state Flink's word; FINISHED if the stop was quicker than the cancellation
   * @param checkpoint the last completed checkpoint, null if there is none
   */
  record Cancelled(String state, @Nullable SavedCheckpoint checkpoint) {}

  /**
   * Cancels a job and waits until it is over.
   *
   * @throws IOException if it does not end
   */
  Cancelled cancel(String jobId) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    IOException trouble = null;
    boolean asked = false;
    while (System.nanoTime() < deadline) {
      try {
        String state = flink.state(jobId);
        if (JobOverview.isOver(state)) {
          return new Cancelled(state, flink.lastCheckpoint(jobId).orElse(null));
        }
        if (!asked) {
          flink.cancel(jobId);
          asked = true;
        }
      } catch (IOException e) {
        trouble = e;
      }
      Thread.sleep(POLL.toMillis());
    }
    throw new IOException(
        "job %s was to be cancelled but is not over after %s s%s"
            .formatted(
                jobId,
                PATIENCE.toSeconds(),
                trouble == null ? "" : "; last trouble: " + trouble.getMessage()));
  }
}

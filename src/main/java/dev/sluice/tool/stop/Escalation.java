package dev.sluice.tool.stop;

import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Ends a job that could not be stopped with a savepoint. */
record Escalation(JobManager flink, Time time) {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(200);

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
    Deadline deadline = time.after(PATIENCE);
    IOException trouble = null;
    boolean asked = false;
    while (!deadline.isOver()) {
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
      time.sleep(POLL);
    }
    throw new IOException(
        "job %s was to be cancelled but is not over after %s s%s"
            .formatted(
                jobId,
                PATIENCE.toSeconds(),
                trouble == null ? "" : "; last trouble: " + trouble.getMessage()));
  }
}

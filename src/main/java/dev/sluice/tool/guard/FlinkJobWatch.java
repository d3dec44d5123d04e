package dev.sluice.tool.guard;

import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads a job's state over Flink's REST interface, by its name, so that a resubmitted job is found.
 */
public final class FlinkJobWatch implements JobWatch {

  private final JobManager jobManager;
  private final String job;
  private final Clock clock;
  private @Nullable Count last;
  private @Nullable Double recordsPerSecond;

  /**
   * @param job the job's name or id
   */
  public FlinkJobWatch(JobManager jobManager, String job, Clock clock) {
    this.jobManager = jobManager;
    this.job = job;
    this.clock = clock;
  }

  /** Records that a job had processed at some time. */
  private record Count(String jobId, long records, Instant at) {}

  /** Reads it once; the answer reports what fails. */
  @Override
  public synchronized ObservedJob look() throws InterruptedException {
    Instant now = clock.instant();
    try {
      Optional<JobOverview> found = jobManager.find(job);
      if (found.isEmpty()) {
        return ObservedJob.absent(
            now, "Flink knows no job with the name or id (%s)".formatted(job));
      }
      JobOverview overview = found.get();
      return overview.state().equals("RUNNING")
          ? running(overview, now)
          : new ObservedJob(
              now,
              true,
              overview.id(),
              overview.state(),
              overview.startedAt(),
              null,
              null,
              null,
              null,
              null);
    } catch (IOException e) {
      return ObservedJob.unanswered(now, "" + e.getMessage());
    }
  }

  private ObservedJob running(JobOverview overview, Instant now)
      throws IOException, InterruptedException {
    String id = overview.id();
    JobDetail detail = jobManager.detail(id);
    OptionalLong lag = jobManager.lag(id, detail);
    Optional<SavedCheckpoint> checkpoint = jobManager.lastCheckpoint(id);
    count(new Count(id, detail.processed(), now));
    return new ObservedJob(
        now,
        true,
        id,
        detail.state(),
        overview.startedAt(),
        lag.isPresent() ? lag.getAsLong() : null,
        recordsPerSecond,
        checkpoint.map(SavedCheckpoint::id).orElse(null),
        checkpoint.map(SavedCheckpoint::completedAt).orElse(null),
        detail.allTasksRun() ? null : "some of the job's tasks do not run yet");
  }

  /** Flink refreshes the count every few seconds only: the rate is that between two refreshes. */
  private void count(Count now) {
    Count before = last;
    if (before == null || !before.jobId().equals(now.jobId()) || now.records() < before.records()) {
      recordsPerSecond = null;
      last = now;
      return;
    }
    Duration apart = Duration.between(before.at(), now.at());
    if (now.records() > before.records() || apart.toSeconds() >= 15) {
      recordsPerSecond = (now.records() - before.records()) * 1e3 / Math.max(1, apart.toMillis());
      last = now;
    }
  }
}

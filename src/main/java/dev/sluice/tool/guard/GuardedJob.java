package dev.sluice.tool.guard;

import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.GracefulStop;
import dev.sluice.tool.stop.JobOutput;
import dev.sluice.tool.stop.OutputState;
import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopPolicy;
import dev.sluice.tool.stop.UnfinishedStop;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The job that a guard watches, found by its name so that a resubmitted one is found, and the
 * guard's actions on it. Tests override it by a job that they simulate.
 */
public class GuardedJob implements Closeable {

  private final ToolServices services;
  private final StopPolicy policy;
  private final JobManager flink;
  private final JobOutput output;
  private @Nullable Count last;
  private @Nullable Double recordsPerSecond;

  /** Asks nothing yet. */
  public GuardedJob(ToolServices services, StopPolicy policy) {
    this.services = services;
    this.policy = policy;
    this.flink = services.flink(policy.rest(), ToolServices.GLANCE);
    this.output = new JobOutput(services, policy);
  }

  /** Records that a job had processed at some time. */
  private record Count(String jobId, long records, Instant at) {}

  final ToolServices services() {
    return services;
  }

  /** What is stopped and how. */
  final StopPolicy policy() {
    return policy;
  }

  /** The job's name or id, as given to the guard. */
  final String name() {
    return policy.job();
  }

  /**
   * Begins a stop, or continues the one that the policy's journal records, on another thread.
   *
   * @param listener receives its events
   */
  CompletableFuture<StopResult> stop(StopListener listener) {
    return GracefulStop.start(services, policy, listener);
  }

  /**
   * Finds in the journal a stop that was begun and has not ended.
   *
   * @return what brings that very stop to its end, and begins no other
   * @throws IOException if that is not known now
   */
  Optional<Function<StopListener, CompletableFuture<StopResult>>> leftStop()
      throws IOException, InterruptedException {
    return UnfinishedStop.find(services, policy)
        .map(left -> listener -> left.goOn(policy, listener));
  }

  /**
   * Does what a stop does before it asks for anything: looks at the job, its checkpoints and its
   * brokers. Changes nothing, and may take half a minute.
   *
   * @return what the stop would do, a sentence
   * @throws IOException if it would be refused; why, and what to do
   */
  String rehearse() throws IOException, InterruptedException {
    return GracefulStop.rehearse(services, policy);
  }

  /**
   * Asks the brokers how far the job's output can be read; may take half a minute.
   *
   * @param running the id of the job that runs; null if none is known to
   * @return empty if no job has run yet
   * @throws IOException if it is not known; why
   */
  Optional<OutputState> output(@Nullable String running) throws IOException, InterruptedException {
    return output.look(running);
  }

  /**
   * Reads the job's state; may take as long as the JobManager's answer. The observation reports
   * what fails.
   */
  ObservedJob look() throws InterruptedException {
    Instant now = services.time().now();
    try {
      Optional<JobOverview> found = flink.find(name());
      if (found.isEmpty()) {
        return ObservedJob.absent(
            now, "Flink knows no job with the name or id (%s)".formatted(name()));
      }
      JobOverview job = found.get();
      return job.state().equals("RUNNING")
          ? running(job, now)
          : ObservedJob.of(now, job.id(), job.state(), job.startedAt());
    } catch (IOException e) {
      return ObservedJob.unanswered(now, "" + e.getMessage());
    }
  }

  private ObservedJob running(JobOverview job, Instant now)
      throws IOException, InterruptedException {
    JobDetail detail = flink.detail(job.id());
    OptionalLong lag = flink.lag(job.id(), detail);
    Optional<SavedCheckpoint> checkpoint = flink.lastCheckpoint(job.id());
    return new ObservedJob(
        now,
        true,
        job.id(),
        detail.state(),
        job.startedAt(),
        lag.isPresent() ? lag.getAsLong() : null,
        recordsPerSecond(new Count(job.id(), detail.processed(), now)),
        checkpoint.map(SavedCheckpoint::id).orElse(null),
        checkpoint.map(SavedCheckpoint::completedAt).orElse(null),
        detail.allTasksRun() ? null : "some of the job's tasks do not run yet");
  }

  /** Flink refreshes the count every few seconds only: the rate is that between two refreshes. */
  private synchronized @Nullable Double recordsPerSecond(Count now) {
    Count before = last;
    if (before == null || !before.jobId().equals(now.jobId()) || now.records() < before.records()) {
      recordsPerSecond = null;
      last = now;
      return null;
    }
    Duration apart = Duration.between(before.at(), now.at());
    if (now.records() > before.records() || apart.toSeconds() >= 15) {
      recordsPerSecond = (now.records() - before.records()) * 1e3 / Math.max(1, apart.toMillis());
      last = now;
    }
    return recordsPerSecond;
  }

  @Override
  public final void close() {
    output.close();
  }
}

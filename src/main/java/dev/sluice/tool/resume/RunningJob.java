package dev.sluice.tool.resume;

import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.GracefulStop;
import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopOutcome;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The job that has to stop before an older receipt takes its place.
 *
 * @param services also for the caller that continues with it
 * @param back how that will be resumed
 * @param savepointDirectory where the job is saved; null for the cluster's default
 * @param grace how long that may take
 */
record RunningJob(
    ToolServices services, ResumePolicy back, @Nullable String savepointDirectory, Duration grace) {

  private static final Duration PROOF = Duration.ofSeconds(30);

  /** The job with a name, if it runs. */
  Optional<JobOverview> find(String name) throws IOException, InterruptedException {
    return flink().find(name).filter(job -> !job.isOver());
  }

  /** Flink, asked with little patience. */
  JobManager flink() {
    return services.flink(back.rest());
  }

  /** Stops it with a savepoint in the canonical format. */
  StopOutcome stop(JobOverview job, StopListener listener) throws InterruptedException {
    StopPolicy policy =
        new StopPolicy(
            job.id(),
            back.rest(),
            savepointDirectory,
            false,
            false,
            grace,
            OnTimeout.FAIL,
            PROOF,
            null,
            back.journal(),
            secrets(),
            null,
            back.connection(),
            back.keys());
    try {
      return GracefulStop.start(services, policy, listener).get();
    } catch (ExecutionException bug) {
      throw new IllegalStateException("the stop ended with a bug", bug.getCause());
    }
  }

  /** What the running job does not publish by itself. */
  private Map<String, String> secrets() {
    Map<String, String> secrets = new HashMap<>(back.defaults());
    secrets.keySet().removeAll(PublishedSettings.withoutSecrets(back.defaults()).keySet());
    return secrets;
  }
}

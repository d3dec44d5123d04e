package dev.sluice.tool.stop;

import dev.sluice.ledger.Partition;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.services.ToolServices;
import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks the brokers how far a job's output can be read, also when the job is gone: its topics and
 * its prefix are known from when it ran. One thread reads, any other may close.
 */
public final class JobOutput implements Closeable {

  private final ToolServices services;
  private final StopPolicy policy;
  private final JobManager flink;
  private String jobId = "";
  private @Nullable JobSettings settings;
  private volatile @Nullable Brokers brokers;

  /** Asks nothing yet. */
  public JobOutput(ToolServices services, StopPolicy policy) {
    this.services = services;
    this.policy = policy;
    this.flink = services.flink(policy.rest());
  }

  /**
   * Asks.
   *
   * @param running the id of the job that runs; null if none is known to
   * @return empty if no job has run yet
   * @throws IOException if Flink or a broker does not answer
   */
  public Optional<OutputState> look(@Nullable String running)
      throws IOException, InterruptedException {
    if (running != null && !running.equals(jobId)) {
      know(running);
    }
    Brokers asked = brokers;
    if (settings == null || asked == null) {
      return Optional.empty();
    }
    Collection<String> topics = settings.topics().outputs().values();
    return Optional.of(
        new OutputState(
            asked.openSince(settings.sink().transactionalIdPrefix()),
            heldBack(asked.stableEnds(topics), asked.ends(topics))));
  }

  private static SortedMap<String, OutputState.HeldBack> heldBack(
      SortedMap<Partition, Long> stableEnds, SortedMap<Partition, Long> ends) {
    SortedMap<String, OutputState.HeldBack> heldBack = new TreeMap<>();
    stableEnds.forEach(
        (partition, stable) -> {
          long records = ends.getOrDefault(partition, 0L) - stable;
          if (records > 0) {
            heldBack.put(partition.toString(), new OutputState.HeldBack(stable, records));
          }
        });
    return heldBack;
  }

  private void know(String id) throws IOException, InterruptedException {
    Optional<JobOverview> job = flink.find(id);
    if (job.isEmpty()) {
      return; // gone meanwhile
    }
    JobSettings found = JobFacts.of(flink, job.get()).jobSettings(policy.settings());
    close();
    brokers = services.brokers(found.kafka().clientProperties());
    settings = found;
    jobId = id;
  }

  @Override
  public void close() {
    Brokers last = brokers;
    if (last != null) {
      last.close();
    }
  }
}

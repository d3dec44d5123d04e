package dev.sluice.tool.stop;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.flink.Checkpointing;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a running job before it is stopped, and no longer available afterwards where the
 * cluster ends with it.
 *
 * @param id 32 hexadecimal digits
 * @param name in Flink
 * @param flinkVersion of the cluster
 * @param version of the job's jar
 * @param parallelism the highest of its tasks
 * @param settings the job's own, without secrets
 * @param flink what it needs of Flink's configuration to continue as it was
 * @param restored the snapshot that its run began from; empty if from none; null if that is not
 *     known, as after a failure, of which Flink reports the checkpoint in its place
 * @param kafkaClusterId of the Kafka cluster that the job writes to, as it has published it; empty
 *     if it has not
 */
public record JobFacts(
    String id,
    String name,
    String flinkVersion,
    String version,
    int parallelism,
    SortedMap<String, String> settings,
    SortedMap<String, String> flink,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String restored,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) String kafkaClusterId) {

  private static final int MOST_DIFFERENCES = 5;
  private static final String CHECKPOINT_TIMEOUT = "execution.checkpointing.timeout";

  public JobFacts {
    kafkaClusterId = Objects.requireNonNullElse(kafkaClusterId, ""); // An older journal has none.
  }

  /**
   * Asks a running job.
   *
   * @throws IOException if it can't be asked, or is not ours
   */
  public static JobFacts of(JobManager flink, JobOverview job)
      throws IOException, InterruptedException {
    SortedMap<String, String> published = flink.settings(job.id());
    String version = published.get(PublishedSettings.VERSION);
    if (version == null) {
      throw new IOException(
          RefusalCode.JOB_UNKNOWN.in(
              ("job (%s) publishes no settings of sluice: it is another program's, or was submitted from a jar "
                      + "that is too old; plain 'flink stop' stops it")
                  .formatted(job.name())));
    }
    return new JobFacts(
        job.id(),
        job.name(),
        flink.flinkVersion(),
        version,
        flink.detail(job.id()).parallelism(),
        PublishedSettings.settingsAlone(published),
        flinkSettings(flink.checkpointing(job.id())),
        began(flink, job.id()),
        PublishedSettings.kafkaClusterId(published));
  }

  private static @Nullable String began(JobManager flink, String jobId)
      throws IOException, InterruptedException {
    try {
      String restored = flink.restored(jobId).orElse("");
      return restored.contains("/" + jobId + "/") ? null : restored;
    } catch (FlinkException e) {
      return null; // What is not known is no reason to refuse a stop.
    }
  }

  /** After which Flink gives a savepoint up; an hour if that is not known. */
  Duration checkpointTimeout() {
    String ms = flink.get(CHECKPOINT_TIMEOUT);
    return ms == null
        ? Duration.ofHours(1)
        : Duration.ofMillis(Long.parseLong(ms.replace(" ms", "")));
  }

  private static SortedMap<String, String> flinkSettings(Checkpointing checkpointing) {
    SortedMap<String, String> settings = new TreeMap<>();
    settings.put("execution.checkpointing.interval", checkpointing.interval().toMillis() + " ms");
    settings.put(CHECKPOINT_TIMEOUT, checkpointing.timeout().toMillis() + " ms");
    settings.put(
        "execution.checkpointing.externalized-checkpoint-retention",
        checkpointing.retained() ? "RETAIN_ON_CANCELLATION" : "DELETE_ON_CANCELLATION");
    return settings;
  }

  /**
   * The job's settings, whole. What it publishes as a property of Kafka's clients is not taken: no
   * job publishes one, and a client loads the classes that its properties name.
   *
   * @param own what the operator gives; of that only secrets and places count, because the proof is
   *     of the running job, not of one that a file describes
   */
  public JobSettings jobSettings(Map<String, String> own) {
    return resumed(PublishedSettings.additions(own));
  }

  /**
   * The settings that the job would be resumed with.
   *
   * @param changed in place of its own
   */
  public JobSettings resumed(Map<String, String> changed) {
    Map<String, String> all = new HashMap<>(PublishedSettings.withoutSecrets(settings));
    all.putAll(changed);
    return JobSettings.of(all);
  }

  /**
   * Says which of the settings given are not the job's; empty if none.
   *
   * @param own what the operator gives
   */
  String differences(Map<String, String> own) {
    List<String> found = PublishedSettings.differences(settings, own);
    int more = found.size() - MOST_DIFFERENCES;
    return found.isEmpty()
        ? ""
        : "the job runs with other settings than those given here, and its own count: %s%s"
            .formatted(
                String.join("; ", found.subList(0, Math.min(found.size(), MOST_DIFFERENCES))),
                more > 0 ? "; and %s more".formatted(more) : "");
  }
}

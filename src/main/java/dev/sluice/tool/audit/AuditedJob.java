package dev.sluice.tool.audit;

import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What an audit has to know of a job.
 *
 * @param client properties for every Kafka client; may hold secrets
 * @param groupId the consumer group that the job reports its offsets to
 * @param transactionalIdPrefix of its sink
 * @param events input topics, that of the control commands too
 * @param startAtEarliest whether its first start read them from their beginnings; otherwise it is
 *     not known which inputs came before it
 * @param outputs output topics
 * @param deferred which of the output topics holds what was deferred
 * @param looksUp whether an input may wait for a feature service before it is answered
 * @param labels of its model, none for a regression job; null if the job itself did not publish
 *     them: then every record that is an outcome for some job counts as one
 */
public record AuditedJob(
    Properties client,
    String groupId,
    String transactionalIdPrefix,
    List<String> events,
    boolean startAtEarliest,
    List<String> outputs,
    String deferred,
    boolean looksUp,
    @Nullable List<String> labels) {

  public AuditedJob {
    events = List.copyOf(events);
    outputs = List.copyOf(outputs);
    labels = labels == null ? null : List.copyOf(labels);
  }

  /**
   * The job that runs with some settings.
   *
   * @param settings flat, as in {@code sluice.yaml}; what is not there has its default
   * @throws IllegalArgumentException naming the key and the value of a bad setting
   */
  public static AuditedJob of(Map<String, String> settings) {
    JobSettings job;
    try {
      job = JobSettings.of(settings);
    } catch (SettingsException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return new AuditedJob(
        job.kafka().clientProperties(),
        job.kafka().groupId(),
        job.sink().transactionalIdPrefix(),
        job.topics().inputs(),
        job.input().fromEarliest(),
        job.topics().outputs().values().stream().sorted().toList(),
        job.topics().outputs().getOrDefault(OutputTopic.DEFERRED, "sluice.deferred"),
        job.enrich() != null,
        job.model().labels());
  }

  /** The same, of which only the command line has named the labels. */
  public AuditedJob withoutLabels() {
    return with(looksUp, null);
  }

  /** The same, of which it is not known whether it has lookups. */
  public AuditedJob maybeLookingUp() {
    return with(true, labels);
  }

  private AuditedJob with(boolean looking, @Nullable List<String> known) {
    return new AuditedJob(
        client,
        groupId,
        transactionalIdPrefix,
        events,
        startAtEarliest,
        outputs,
        deferred,
        looking,
        known);
  }

  @Override
  public String toString() {
    return "AuditedJob[%s to %s, group %s, prefix %s]"
        .formatted(events, outputs, groupId, transactionalIdPrefix);
  }
}

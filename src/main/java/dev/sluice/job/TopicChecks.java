package dev.sluice.job;

import dev.sluice.event.OutputTopic;
import dev.sluice.fence.FenceMode;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.settings.SluiceOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;

/**
 * What the topics' own settings must be. An answer that its topic does not take would stop the job
 * in a restart loop: predictions, evaluations and replies must fit at their longest. Dead letters
 * and deferred records are cut or moved instead ({@link FittedRecords}), but what comes
 * uncompressed should stay whole.
 */
final class TopicChecks {

  private static final String MAX_MESSAGE = "max.message.bytes";
  private static final String CLEANUP_POLICY = "cleanup.policy";

  /** Bytes that a dead letter may have more than its input: its headers. */
  private static final long HEADERS = 1024;

  /** Bytes: a value of 1 MiB, a key of 1024 characters, and what Kafka puts around them. */
  private static final long LONGEST_OBSERVATION = (1 << 20) + (1 << 13);

  private final JobSettings settings;
  private final Map<String, Long> limits = new HashMap<>();
  private final Map<String, String> policies = new HashMap<>();

  /**
   * @param configs of all topics; none of those that the job's user may not ask about
   */
  TopicChecks(JobSettings settings, Map<ConfigResource, Config> configs) {
    this.settings = settings;
    configs.forEach(
        (topic, config) -> {
          limits.put(topic.name(), Long.parseLong(config.get(MAX_MESSAGE).value()));
          policies.put(topic.name(), config.get(CLEANUP_POLICY).value());
        });
  }

  /**
   * Checks them all.
   *
   * @return warnings
   * @throws SettingsException at the first that stops the start
   */
  List<String> run() {
    policies.forEach(this::refuseCompaction);
    LongestAnswers.of(settings.model().labels(), settings.enrich() != null)
        .forEach(this::refuseTooShort);
    List<String> warnings = new ArrayList<>();
    String deadLetters = settings.topics().of(OutputTopic.DEAD_LETTERS);
    String deferred = settings.topics().of(OutputTopic.DEFERRED);
    for (String events : settings.topics().events()) {
      long input = limits.getOrDefault(events, 0L);
      if (limits.getOrDefault(deadLetters, Long.MAX_VALUE) < input) {
        throw new SettingsException(
            tooSmall(deadLetters, events, input, "a dead letter is the input's bytes"));
      }
      if (tooSmall(deadLetters, input)) {
        warnings.add(
            "Dead letters of the longest inputs would be cut: "
                + tooSmall(deadLetters, events, input, "a dead letter is the input's bytes"));
      }
      long observation = Math.min(input, LONGEST_OBSERVATION);
      if (tooSmall(deferred, observation)) {
        warnings.add(
            "An observation as long as allowed would be a dead letter (too-large) in place of being deferred: "
                + tooSmall(deferred, events, observation, "a deferred one is its input's bytes"));
      }
    }
    return warnings;
  }

  /** A compacted topic forgets answers, which the restore fence would then miss. */
  private void refuseCompaction(String topic, String policy) {
    if (policy.contains("compact")
        && settings.sink().fence().mode() != FenceMode.OFF
        && settings.topics().outputs().containsValue(topic)) {
      throw new SettingsException(
          ("topic (%s) has %s = (%s), and a compacted topic forgets answers, which a restore would then take for "
                  + "lost; set it to delete, or %s to off")
              .formatted(topic, CLEANUP_POLICY, policy, SluiceOptions.RESTORE_FENCE.key()));
    }
  }

  private void refuseTooShort(OutputTopic kind, int longest) {
    String topic = settings.topics().of(kind);
    long limit = limits.getOrDefault(topic, Long.MAX_VALUE);
    if (limit < longest) {
      throw new SettingsException(
          ("topic (%s) takes messages up to %s bytes (%s), but a record there may have %s: ids and keys up to 1024 "
                  + "characters, and %s labels; raise %s of (%s) to %s")
              .formatted(
                  topic,
                  limit,
                  MAX_MESSAGE,
                  longest,
                  settings.model().labels().size(),
                  MAX_MESSAGE,
                  topic,
                  longest));
    }
  }

  private boolean tooSmall(String topic, long input) {
    return limits.getOrDefault(topic, Long.MAX_VALUE) < input + HEADERS;
  }

  private String tooSmall(String topic, String events, long input, String what) {
    return ("topic (%s) takes messages up to %s bytes (%s), but topic (%s) lets up to %s in: %s and up to %s bytes "
            + "of headers; raise %s of (%s) to %s")
        .formatted(
            topic,
            limits.get(topic),
            MAX_MESSAGE,
            events,
            input,
            what,
            HEADERS,
            MAX_MESSAGE,
            topic,
            input + HEADERS);
  }
}

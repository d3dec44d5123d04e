package dev.sluice.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.job.JobMetric;
import dev.sluice.tool.guard.GuardFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Every metric that there is to be named. */
final class PublishedMetrics {

  private static final String OPERATOR = "flink_taskmanager_job_task_operator_";

  private static final String LOOKUPS = OPERATOR + "sluice_enrich_";

  /** Flink's own that are used here; that they exist is seen by {@code PrometheusIT}. */
  private static final Set<String> OF_FLINK =
      Set.of(
          "up",
          "flink_jobmanager_job_lastCheckpointDuration",
          "flink_jobmanager_job_lastCheckpointSize",
          "flink_jobmanager_job_numRestarts",
          "flink_jobmanager_job_numberOfCompletedCheckpoints",
          "flink_jobmanager_job_numberOfFailedCheckpoints",
          "flink_jobmanager_job_runningTime",
          "flink_taskmanager_job_task_backPressuredTimeMsPerSecond",
          "flink_taskmanager_job_task_busyTimeMsPerSecond",
          OPERATOR + "model_rocksdb_estimate_num_keys",
          OPERATOR + "pending_rocksdb_estimate_num_keys");

  private PublishedMetrics() {}

  /** The job's, the guard's, those of Flink that are used, and what the rules record. */
  static Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>(OF_FLINK);
    for (JobMetric metric : JobMetric.values()) {
      names.add(metric.prometheusName());
    }
    names.addAll(GuardFigures.published().keySet());
    for (JsonNode rule : MonitoringFiles.rules()) {
      if (rule.has("record")) {
        names.add(rule.path("record").asText());
      }
    }
    return names;
  }

  /** Those of a job that enriches, as deploy/prometheus/README.md names them in its text. */
  static Set<String> ofLookups() throws IOException {
    String text = Files.readString(MonitoringFiles.PROMETHEUS.resolve("README.md"));
    int from = text.indexOf(LOOKUPS) + LOOKUPS.length();
    String list = text.substring(from, text.indexOf("No rule names them", from));
    Set<String> names = new TreeSet<>();
    Pattern.compile("`(\\w+)`")
        .matcher(list)
        .results()
        .forEach(name -> names.add(LOOKUPS + name.group(1)));
    return names;
  }

  /** What an expression names that is not published. */
  static Set<String> unknown(String expression) throws IOException {
    Set<String> unknown = new TreeSet<>(MonitoringFiles.metrics(expression));
    unknown.removeAll(names());
    return unknown;
  }

  /** The table of the README. */
  static String table() {
    StringBuilder table = new StringBuilder("| metric | means |\n|---|---|\n");
    for (JobMetric metric : JobMetric.values()) {
      String label = metric.label() == null ? "" : "{" + metric.label() + "}";
      table.append("| `%s%s` | %s |%n".formatted(metric.prometheusName(), label, metric.help()));
    }
    GuardFigures.published()
        .forEach((name, help) -> table.append("| `%s` | %s |%n".formatted(name, help)));
    return table.toString();
  }
}

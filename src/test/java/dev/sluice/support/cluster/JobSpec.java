package dev.sluice.support.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A job of the tests' own: its name is also its consumer group and its transactional-id prefix.
 *
 * @param name unique in the suite
 * @param topics where it reads and writes
 * @param flink Flink options, given as {@code -Dkey=value}
 * @param settings further settings of the job, by key
 */
public record JobSpec(
    String name, JobTopics topics, Map<String, String> flink, Map<String, String> settings) {

  /** A job with these topics and short checkpoint intervals. */
  public static JobSpec named(String name, JobTopics topics) {
    return new JobSpec(
        name,
        topics,
        Map.of(
            "execution.checkpointing.interval", "2 s",
            "execution.checkpointing.timeout", "2 min",
            "execution.checkpointing.min-pause", "500 ms"),
        Map.of());
  }

  /** A job with small models, a checkpoint each second, and outcomes that are waited for. */
  public static JobSpec small(String name, JobTopics topics) {
    return named(name, topics)
        .flink("execution.checkpointing.interval", "1 s")
        .set("sluice.outcome.timeout", "1 h")
        .set("sluice.features.width", "32");
  }

  /** The same job with one more Flink option. */
  public JobSpec flink(String key, String value) {
    return new JobSpec(name, topics, plus(flink, key, value), settings);
  }

  /** The same job with one more setting, or another value of one. */
  public JobSpec set(String key, String value) {
    return new JobSpec(name, topics, flink, plus(settings, key, value));
  }

  /** What comes before the jar on the command line. */
  public List<String> options(int parallelism, List<String> restore) {
    List<String> options = new ArrayList<>(List.of("-p", Integer.toString(parallelism)));
    options.addAll(restore);
    flink.forEach((key, value) -> options.add("-D" + key + "=" + value));
    return options;
  }

  /** What comes behind the jar on the command line. */
  public List<String> arguments(String bootstrapServers) {
    Map<String, String> all = new TreeMap<>(topics.settings());
    all.put("sluice.job.name", name);
    all.put("sluice.kafka.bootstrap-servers", bootstrapServers);
    all.put("sluice.kafka.group-id", name);
    all.put("sluice.sink.transactional-id-prefix", name);
    all.put("sluice.sink.transaction-timeout", "5 min");
    all.putAll(settings);
    List<String> arguments = new ArrayList<>();
    all.forEach(
        (key, value) -> {
          arguments.add("--" + key);
          arguments.add(value);
        });
    return arguments;
  }

  private static Map<String, String> plus(Map<String, String> map, String key, String value) {
    Map<String, String> more = new TreeMap<>(map);
    more.put(key, value);
    return Map.copyOf(more);
  }
}

package dev.sluice.tool.flink;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a jar is run.
 *
 * @param jobId of the new job, 32 hexadecimal digits that no job has had
 * @param arguments of its main method
 * @param parallelism of the job; null for the cluster's default
 * @param snapshot what it starts from
 * @param flink Flink's own settings for this job
 */
public record RunRequest(
    String jobId,
    List<String> arguments,
    @Nullable Integer parallelism,
    String snapshot,
    Map<String, String> flink) {
  public RunRequest {
    arguments = List.copyOf(arguments);
    flink = Map.copyOf(flink);
  }

  /** The same under another id. */
  public RunRequest as(String id) {
    return new RunRequest(id, arguments, parallelism, snapshot, flink);
  }
}

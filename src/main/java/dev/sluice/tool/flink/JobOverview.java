package dev.sluice.tool.flink;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Set;

/**
 * A job in a list of jobs.
 *
 * @param id 32 hexadecimal digits
 * @param name as the job's settings say
 * @param state Flink's word
 * @param startedAt when it was submitted
 */
public record JobOverview(String id, String name, String state, Instant startedAt) {

  private static final Set<String> OVER = Set.of("FINISHED", "CANCELED", "FAILED");

  static JobOverview of(String id, JsonNode job) {
    return new JobOverview(
        id,
        job.path("name").asText(),
        job.path("state").asText(),
        Instant.ofEpochMilli(job.path("start-time").asLong()));
  }

  /** Whether the job will never run again. */
  public boolean isOver() {
    return isOver(state);
  }

  /** The name for people: a tenant of a shared cluster names its job as it likes. */
  public String shownName() {
    return Traces.shown(name);
  }

  /** Whether a job in this state will never run again. */
  public static boolean isOver(String state) {
    return OVER.contains(state);
  }
}

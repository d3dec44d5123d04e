package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Sha256;
import java.time.Instant;

/**
 * Under which Flink knows a stop. Derived from the run of the job and the attempt, so that two
 * tools which know nothing of each other ask for the same stop: Flink takes the second request for
 * the first, where another id would abort the first one's savepoint.
 */
final class TriggerId {

  private TriggerId() {}

  /**
   * 32 hexadecimal digits.
   *
   * @param jobStartedAt when the run of the job began
   * @param attempt how many savepoints of this run have failed before
   */
  static String of(String jobId, Instant jobStartedAt, int attempt) {
    String text = "sluice-stop %s %s %s".formatted(jobId, jobStartedAt.toEpochMilli(), attempt);
    return Sha256.id(text);
  }
}

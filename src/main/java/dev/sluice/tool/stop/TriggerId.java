package dev.sluice.tool.stop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Under which Flink knows a stop. Derived from the run of the job and the attempt, so that two
 * tools which know nothing of each other ask for the same stop: Flink takes the second request for
 * the first, where another id would abort the first one's savepoint.
 */
final class TriggerId {

  private static final int BYTES = 16;

  private TriggerId() {}

  /**
   * 32 hexadecimal digits.
   *
   * @param jobStartedAt when the run of the job began
   * @param attempt how many savepoints of this run have failed before
   */
  static String of(String jobId, Instant jobStartedAt, int attempt) {
    String text = "sluice-stop %s %s %s".formatted(jobId, jobStartedAt.toEpochMilli(), attempt);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(hash, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

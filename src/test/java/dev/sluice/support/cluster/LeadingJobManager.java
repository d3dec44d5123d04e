package dev.sluice.support.cluster;

import dev.sluice.support.Eventually;
import java.net.URI;
import java.time.Duration;

/**
 * The JobManager that led when {@link LocalCluster#leader()} was asked. Its methods act on that
 * process, no matter which one leads now, and within milliseconds: a test that must hit it at a
 * certain moment asks for it before.
 *
 * @param role {@code jobmanager} or {@code jobmanager-2}
 * @param pid its process id
 * @param rest its REST interface, no slash at the end
 */
public record LeadingJobManager(String role, long pid, URI rest) {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** Reads the line that {@code cluster leader} prints. */
  static LeadingJobManager parse(String line) {
    String[] words = line.strip().split(" ", -1);
    return new LeadingJobManager(words[0], Long.parseLong(words[1]), URI.create(words[2]));
  }

  /**
   * {@code kill -9}. Returns when no thread of it can do anything more, frozen or not.
   *
   * @throws AssertionError if it does not run any more
   */
  public void kill() {
    ProcessHandle process =
        ProcessHandle.of(pid)
            .orElseThrow(() -> new AssertionError(this + " does not run, so it can't be killed"));
    process.destroyForcibly();
    Eventually.until(this + " is gone", DEADLINE, () -> !process.isAlive());
  }

  /**
   * What freezes it in a millisecond. Once it has been frozen for the session timeout, 4 s, another
   * one leads.
   */
  public Freezer freezer() {
    return new Freezer(pid);
  }
}

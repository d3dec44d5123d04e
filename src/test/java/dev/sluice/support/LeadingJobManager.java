package dev.sluice.support;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The JobManager that led when {@link LocalCluster#leader()} was asked. Its methods act on that
 * process, whoever leads now, and within milliseconds: a test that must hit it at a certain moment
 * asks for it before.
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
   * {@code kill -STOP}: it keeps its connections but says nothing more, as in a long pause of its
   * collector. After the session timeout, 4 s, another one leads.
   */
  public void freeze() {
    signal("STOP");
  }

  /** {@code kill -CONT}: ends {@link #freeze()}. */
  public void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    Command.run(List.of("kill", "-" + name, Long.toString(pid)), Map.of(), DEADLINE)
        .requireSuccess();
  }
}

package dev.sluice.support.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end, with a deadline and all of its output kept. */
public final class Command {
  private Command() {}

  /**
   * Runs it with an empty standard input. Output goes through files, so that processes which
   * outlive the command and still hold its output don't make the caller wait.
   *
   * @param environment added to this process's own
   * @throws AssertionError if it does not end in time; it is killed then, and what it said is shown
   */
  public static CommandResult run(
      List<String> command, Map<String, String> environment, Duration deadline) {
    try {
      Path stdout = Files.createTempFile("command", ".out");
      Path stderr = Files.createTempFile("command", ".err");
      try {
        return run(command, environment, deadline, stdout, stderr);
      } finally {
        Files.delete(stdout);
        Files.delete(stderr);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't run " + command, e);
    }
  }

  private static CommandResult run(
      List<String> command,
      Map<String, String> environment,
      Duration deadline,
      Path stdout,
      Path stderr)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = waitFor(process, deadline);
    CommandResult result =
        new CommandResult(
            command,
            ended ? process.exitValue() : -1,
            Files.readString(stdout),
            Files.readString(stderr));
    if (!ended) {
      throw new AssertionError("killed, since it had not ended in " + deadline + ": " + result);
    }
    return result;
  }

  private static boolean waitFor(Process process, Duration deadline) {
    boolean ended = false;
    try {
      ended = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return ended;
  }
}

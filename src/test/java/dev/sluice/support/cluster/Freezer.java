package dev.sluice.support.cluster;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Freezes a process (SIGSTOP) and continues it (SIGCONT), each within a millisecond: a shell that
 * was started before sends the signals. Used by one thread.
 */
public final class Freezer implements AutoCloseable {
  private final Process shell;
  private final BufferedWriter commands;
  private final BufferedReader answers;
  private final long pid;

  Freezer(long pid) {
    this.pid = pid;
    String loop = "while read signal; do kill -s $signal " + pid + " && echo sent || echo; done";
    try {
      shell = new ProcessBuilder("sh", "-c", loop).start();
    } catch (IOException e) {
      throw new UncheckedIOException("can't start sh", e);
    }
    commands = shell.outputWriter(StandardCharsets.US_ASCII);
    answers = shell.inputReader(StandardCharsets.US_ASCII);
    send("0"); // returns when the shell is there and the process too
  }

  /**
   * Stops it in its tracks. It keeps its memory, files and connections but does and says nothing,
   * as in a long garbage collection; it can still be killed.
   *
   * @throws AssertionError if it has ended
   */
  public void freeze() {
    send("STOP");
  }

  /** Continues it. */
  public void thaw() {
    send("CONT");
  }

  private void send(String signal) {
    try {
      commands.write(signal + "\n");
      commands.flush();
      if (!"sent".equals(answers.readLine())) {
        throw new AssertionError("process %d has ended: no SIG%s".formatted(pid, signal));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no SIG%s for %d".formatted(signal, pid), e);
    }
  }

  /** Ends the shell; the process stays as it is. */
  @Override
  public void close() {
    shell.destroy();
  }
}

package dev.sluice.tool.guard;

import dev.sluice.tool.guard.Mailbox.Message;
import dev.sluice.tool.stop.EventFields;
import dev.sluice.tool.stop.StopEvent;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a shell command when a step ends and when the stop ends. What happened is in the command's
 * environment alone, never in its text, so nothing that a job or a broker says is run.
 */
final class StepCommand implements Callback {

  private static final int CAPACITY = 64;
  private static final int SHOWN_BYTES = 8192;

  private final String command;
  private final String job;
  private final Duration limit;
  private final GuardLog log;
  private final Runnable onFailure;
  private final Mailbox box;

  /**
   * @param limit after which one run is killed
   */
  StepCommand(String command, String job, Duration limit, GuardLog log, Runnable onFailure) {
    this.command = command;
    this.job = job;
    this.limit = limit;
    this.log = log;
    this.onFailure = onFailure;
    this.box = new Mailbox("on-step", CAPACITY, this::run, onFailure);
  }

  @Override
  public void on(StopEvent event) {
    if (event instanceof StopEvent.Ended) {
      box.put(new Message(EventFields.of(event), false));
    }
  }

  @Override
  public void ended(StopEnd end) {
    Map<String, Object> fields = end.fields();
    fields.put("step", "stop");
    fields.put("result", end.result().kind().code());
    box.put(new Message(fields, false));
  }

  /** The environment: SLUICE_JOB and each field, as SLUICE_STEP and SLUICE_DURATION_MS. */
  private Map<String, String> environment(Map<String, Object> fields) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("SLUICE_JOB", job);
    fields.forEach(
        (name, value) ->
            environment.put(
                "SLUICE_" + name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT),
                value.toString().replace("\0", "")));
    return environment;
  }

  private void run(Message message) {
    Object step = message.fields().getOrDefault("step", "stop");
    try {
      Path output = Files.createTempFile("sluice-on-step", ".out");
      try {
        String failure = run(environment(message.fields()), output);
        show(step, output);
        if (!failure.isEmpty()) {
          onFailure.run();
          log.say("--on-step after %s %s".formatted(step, failure));
        }
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      onFailure.run();
      log.say("--on-step after %s could not be run: %s".formatted(step, e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs it once; empty if it went well, or else what went wrong. */
  private String run(Map<String, String> environment, Path output)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue() == 0 ? "" : "exited with " + process.exitValue();
      }
      return "was killed after %s s".formatted(limit.toMillis() / 1e3);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private void show(Object step, Path output) throws IOException {
    try (InputStream in = Files.newInputStream(output)) {
      new String(in.readNBytes(SHOWN_BYTES), StandardCharsets.UTF_8)
          .lines()
          .forEach(line -> log.say("--on-step after %s: %s".formatted(step, line)));
    }
  }

  @Override
  public void close() {
    int left = box.close(limit.plusSeconds(1));
    if (left > 0) {
      log.say("--on-step was not run to its end for %s steps".formatted(left));
    }
  }
}

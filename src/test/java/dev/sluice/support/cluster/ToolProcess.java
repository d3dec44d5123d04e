package dev.sluice.support.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tool as a process of its own, watched by its trail and killed at will. Used by one thread.
 */
public final class ToolProcess implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final Path trail;
  private final Path output;

  private ToolProcess(Process process, Path trail, Path output) {
    this.process = process;
    this.trail = trail;
    this.output = output;
  }

  /** Starts {@code deploy/local/sluice} with these arguments and {@code --trail}. */
  public static ToolProcess start(LocalCluster cluster, String... arguments) throws IOException {
    Path trail = Files.createTempFile(cluster.directory(), "trail", ".jsonl");
    List<String> command = new ArrayList<>(cluster.command("sluice", arguments));
    command.addAll(List.of("--trail", trail.toString()));
    return start(cluster, command, trail);
  }

  /** Starts {@code deploy/local/sluice} with these arguments, a verb that leaves no trail. */
  public static ToolProcess startWithoutTrail(LocalCluster cluster, String... arguments)
      throws IOException {
    return start(cluster, cluster.command("sluice", arguments), Path.of("no trail"));
  }

  private static ToolProcess start(LocalCluster cluster, List<String> command, Path trail)
      throws IOException {
    Path output = Files.createTempFile(cluster.directory(), "tool", ".out");
    // A JVM leaves a signal alone that was ignored when it started, as SIGHUP is under nohup.
    List<String> whole = new ArrayList<>(List.of("env", "--default-signal=HUP"));
    whole.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(whole).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(cluster.environment());
    Process process = builder.start();
    return new ToolProcess(process, trail, output);
  }

  /** Waits until a step has begun. */
  public void awaitBegun(String step) {
    Eventually.until(
        "the tool is at " + step + " (" + output + ")",
        LIMIT,
        () -> events().stream().anyMatch(e -> e.path("step").asText().equals(step)));
  }

  /** Every event of the trail so far. */
  public List<JsonNode> events() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line : Files.readAllLines(trail)) {
      if (line.endsWith("}")) {
        events.add(JSON.readTree(line));
      }
    }
    return events;
  }

  /** Waits until it has printed something; the first such text. */
  public String awaitSaid(Pattern text) throws IOException {
    Eventually.until(
        "the tool says " + text + " (" + output + ")", LIMIT, () -> text.matcher(output()).find());
    Matcher said = text.matcher(output());
    return said.find() ? said.group(said.groupCount()) : "";
  }

  /** What freezes it. */
  public Freezer freezer() {
    return new Freezer(process.pid());
  }

  /** Sends SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Sends SIGHUP. */
  public void hangUp() {
    Command.run(List.of("kill", "-HUP", "" + process.pid()), Map.of(), Duration.ofSeconds(10))
        .requireSuccess();
  }

  /** {@code kill -9}; returns when it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Waits for its end; its exit code. */
  public int await() throws InterruptedException {
    return process.waitFor();
  }

  /** What it has printed. */
  public String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

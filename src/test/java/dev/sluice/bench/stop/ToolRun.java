package dev.sluice.bench.stop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.cluster.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command of the tool in a JVM of bounded heap, and the memory that it took.
 *
 * @param printed its result
 * @param heapBytes the most that was in use before a collection or at its end
 * @param memoryBytes the most of the whole process, as Linux counts it
 */
record ToolRun(JsonNode printed, long heapBytes, long memoryBytes) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern COLLECTED = Pattern.compile(" ([0-9]+)([KM])->[0-9]+[KM]\\(");
  private static final Pattern AT_EXIT = Pattern.compile("generation +total .* used ([0-9]+)K");
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
  private static final int POLL_MS = 20;

  /**
   * Runs it to its end.
   *
   * @throws IllegalStateException with all that it said, if it does not succeed
   */
  static ToolRun of(LocalCluster cluster, int heapMib, String... arguments)
      throws IOException, InterruptedException {
    Path folder = Files.createDirectories(cluster.directory().resolve("tool"));
    Path stdout = folder.resolve("stdout");
    Path stderr = folder.resolve("stderr");
    List<String> command = new ArrayList<>(cluster.command("sluice", arguments));
    command.addAll(List.of("-o", "json"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().putAll(cluster.environment());
    builder
        .environment()
        .put(
            "_JAVA_OPTIONS", // After those of the script, which switches logs off.
            "-Xmx%sm -Xlog:gc,gc+heap+exit:file=%s/gc-%%p.log".formatted(heapMib, folder));
    Process process = builder.start();
    long memory = 0;
    // The script becomes the tool, so the process is its.
    while (!process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
      memory = Math.max(memory, peak(process.pid()));
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(
          "%s ended with %s:%n%s%n%s"
              .formatted(
                  command,
                  process.exitValue(),
                  Files.readString(stdout),
                  Files.readString(stderr)));
    }
    Path collections = folder.resolve("gc-%s.log".formatted(process.pid()));
    return new ToolRun(
        JSON.readTree(stdout.toFile()), peakHeap(Files.readString(collections)), memory);
  }

  private static long peak(long processId) {
    try {
      Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc/" + processId + "/status")));
      return peak.find() ? Long.parseLong(peak.group(1)) << 10 : 0;
    } catch (IOException e) {
      return 0; // It ends.
    }
  }

  /** The most heap in use, by the JVM's log of the serial collector. */
  static long peakHeap(String log) {
    long most = 0;
    Matcher collected = COLLECTED.matcher(log);
    while (collected.find()) {
      long used = Long.parseLong(collected.group(1)) << (collected.group(2).equals("K") ? 10 : 20);
      most = Math.max(most, used);
    }
    long last = 0;
    Matcher generation = AT_EXIT.matcher(log);
    while (generation.find()) {
      last += Long.parseLong(generation.group(1)) << 10;
    }
    if (last == 0) {
      throw new IllegalArgumentException("no heap at its exit in the JVM's log:\n" + log);
    }
    return Math.max(most, last);
  }
}

package dev.sluice.bench.throughput;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.kafka.common.utils.AppInfoParser;

/** Where and of what a measurement was made. */
public final class Machine {

  private Machine() {}

  /** The load average of the last minute. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** By name, in the order in which they are shown. */
  public static Map<String, String> facts() throws IOException, InterruptedException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("commit", commit());
    facts.put("cores", "" + Runtime.getRuntime().availableProcessors());
    facts.put("cpu", cpu());
    facts.put("load", "%.1f".formatted(load()));
    facts.put("java", Runtime.version().toString());
    facts.put("flink", EnvironmentInformation.getVersion());
    facts.put("kafka", AppInfoParser.getVersion());
    facts.put("kernel", System.getProperty("os.version"));
    return facts;
  }

  private static String cpu() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  /** Of the project's folder; with a plus sign if files were changed since. */
  private static String commit() throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "describe", "--always", "--dirty=+", "--exclude=*")
            .redirectErrorStream(true)
            .start();
    String said = new String(git.getInputStream().readAllBytes(), UTF_8);
    return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? said.strip() : "unknown";
  }
}

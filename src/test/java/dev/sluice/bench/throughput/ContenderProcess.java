package dev.sluice.bench.throughput;

import dev.sluice.bench.contender.Assignment;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.GlobalConfiguration;

/** A contender's JVM. */
public final class ContenderProcess implements AutoCloseable {

  /** The jar of RocksDB that Kafka Streams is built for; the command sets it. */
  private static final String STREAMS_ROCKSDB = "sluice.bench.streams-rocksdb";

  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
  private static final int TICKS_A_SECOND = 100; // USER_HZ, which Linux never changes
  private static final int LAST_LINES = 15;

  private final Process process;
  private final Path log;

  private ContenderProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts it; its output goes to a file. */
  static ContenderProcess start(
      Contender contender, Assignment assignment, BenchOptions.Memory memory, Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xms%sm".formatted(memory.heapMib()));
    command.add("-Xmx%sm".formatted(memory.heapMib()));
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.addAll(List.of(opens().split(" ", -1)));
    command.add("-cp");
    command.add(classPath(contender));
    command.add(contender.program().getName());
    command.addAll(assignment.arguments());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(log.toFile())
            .start();
    return new ContenderProcess(process, log);
  }

  /** Starts Kafka Streams with its state on disk. */
  public static ContenderProcess startStreams(Assignment assignment, int heapMib, Path log)
      throws IOException {
    Contender streams = Contender.STREAMS;
    return start(
        streams,
        assignment.with(streams.settings()),
        new BenchOptions.Memory(heapMib, Math.toIntExact(assignment.nativeBytes() >> 20)),
        log);
  }

  /** What Flink needs of the JDK's modules. */
  private static String opens() {
    String shipped = Path.of("flink-conf").toAbsolutePath().toString();
    return GlobalConfiguration.loadConfiguration(shipped)
        .toMap()
        .getOrDefault("env.java.opts.all", "");
  }

  private static String classPath(Contender contender) {
    if (!contender.isStreams()) {
      return classPathWithout("log4j-slf4j-impl");
    }
    String rocksDb = System.getProperty(STREAMS_ROCKSDB);
    if (rocksDb == null) {
      throw new IllegalStateException(
          "-D%s=JAR is missing: RocksDB for Kafka Streams".formatted(STREAMS_ROCKSDB));
    }
    return rocksDb + File.pathSeparator + classPathWithout("log4j-slf4j-impl", "frocksdbjni");
  }

  /** This process's own but for these: of two bindings of SLF4J, and two RocksDB, one counts. */
  private static String classPathWithout(String... libraries) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> Arrays.stream(libraries).noneMatch(entry::contains))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  long processId() {
    return process.pid();
  }

  /** CPU time of a process since its start, in seconds; of all its threads, native ones too. */
  static double cpuSeconds(long processId) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + processId + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / (double) TICKS_A_SECOND;
  }

  /** The most memory that the process had at once, in MiB. */
  public long peakMib() throws IOException {
    Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
    return peak.find() ? Long.parseLong(peak.group(1)) >> 10 : 0;
  }

  /** The end of its output, for a message. */
  public String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  /** Asks it to end and waits until it has. */
  public void terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      throw new IllegalStateException(
          "process %s does not end; its output is in %s".formatted(process.pid(), log));
    }
  }

  /** Ends it at once: all that counts is committed, or the run is refused. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + process.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
